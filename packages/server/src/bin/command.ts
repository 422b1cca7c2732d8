import type { Terminal } from './terminal.ts';

export type Option = {
  type: 'string' | 'boolean';
  purpose: string;
  /** The placeholder for the value in help: `--scope <scopes>`. */
  value?: string;
};
export type Options = Record<string, Option>;
type ValueOf<Type extends Option['type']> = Type extends 'boolean' ? boolean : string;
type Given<Wanted extends Options> = { [Name in keyof Wanted]?: ValueOf<Wanted[Name]['type']> };

export type Call<Wanted extends Options = Options> = {
  options: Given<Wanted>;
  arguments: readonly string[];
  terminal: Terminal;
  /** Aborts on Ctrl-C or when the machine shuts down. */
  signal: AbortSignal;
  env: NodeJS.ProcessEnv;
  cwd: string;
};

/** The result of a command: `data` is printed with `--json`, `text` without. Neither when it wrote its output itself. */
export type Answer = { exitCode?: 0 | 1; data?: unknown; text?: string };

export type Command<Wanted extends Options = Options> = {
  /** One word or two: "doctor", "storage check". */
  name: string;
  /** Aliases: the bare group name for its most used command. */
  aliases?: readonly string[];
  summary: string;
  /** Sentences below the summary: what the command guarantees, and what it never does. */
  details?: string;
  /** The last one may take several words. */
  arguments?: readonly { name: string; purpose: string; optional?: true; many?: true }[];
  options?: Wanted;
  examples: readonly { args: string; purpose: string }[];
  run(call: Call<Wanted>): Promise<Answer>;
};

/** Derives the type of a command's call from the options that it declares. */
export const defineCommand = <const Wanted extends Options>(command: Command<Wanted>): Command => command;

/** The command was called wrongly; the message says how, and what would be right. Exit code 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
