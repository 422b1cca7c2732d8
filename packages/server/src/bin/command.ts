import type { Terminal } from './terminal.ts';

export type Option = {
  type: 'string' | 'boolean';
  purpose: string;
  /** What stands for the value in help: `--scope <scopes>`. */
  value?: string;
};
export type Options = Record<string, Option>;
type ValueOf<Type extends Option['type']> = Type extends 'boolean' ? boolean : string;
type Given<Wanted extends Options> = { [Name in keyof Wanted]?: ValueOf<Wanted[Name]['type']> };

export type Call<Wanted extends Options = Options> = {
  options: Given<Wanted>;
  arguments: readonly string[];
  terminal: Terminal;
  /** Aborts when the person presses Ctrl-C, or the machine shuts down. */
  signal: AbortSignal;
  env: NodeJS.ProcessEnv;
  cwd: string;
};

/** What a command answers: `data` is printed with `--json`, `text` without. Nothing of both when it wrote its answer itself. */
export type Answer = { exitCode?: 0 | 1; data?: unknown; text?: string };

export type Command<Wanted extends Options = Options> = {
  /** One word or two: "doctor", "storage check". */
  name: string;
  /** Other names it answers to: the bare group name of its most used command. */
  aliases?: readonly string[];
  summary: string;
  /** Sentences below the summary: what it promises, and what it never does. */
  details?: string;
  /** The last one may stand for many words. */
  arguments?: readonly { name: string; purpose: string; optional?: true; many?: true }[];
  options?: Wanted;
  examples: readonly { args: string; purpose: string }[];
  run(call: Call<Wanted>): Promise<Answer>;
};

/** Lets the options that a command declares type what it is called with. */
export const defineCommand = <const Wanted extends Options>(command: Command<Wanted>): Command => command;

/** The command was called wrongly; the sentence says how, and what would be right. Exit code 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
