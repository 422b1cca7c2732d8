import { parseArgs } from 'node:util';

import { closestName } from '../lib/closest-name.ts';
import { UsageError, type Command } from './command.ts';
import { globalOptions, usage } from './write-help.ts';

export type ParsedCall = { options: Record<string, string | boolean>; arguments: string[] };

/** The command that the words name, preferring the longer name, and the remaining words. */
export function findCommand(commands: readonly Command[], args: readonly string[]): { command: Command; rest: string[] } {
  // An option before the command belongs to the command: `safelight --json jobs`.
  const at = args.flatMap((arg, index) => (arg.startsWith('-') ? [] : [index])).slice(0, 2);
  const words = at.map((index) => args[index] ?? '');
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = words.length < length ? undefined : commands.find((one) => one.name === name || one.aliases?.includes(name) === true);
    if (command !== undefined) return { command, rest: args.filter((_, index) => !at.slice(0, length).includes(index)) };
  }
  const group = commands.filter(({ name }) => name.startsWith(`${words[0]} `)).map(({ name }) => name);
  if (group.length > 0 && words.length === 1) throw new UsageError(`Say what to do: ${group.map((name) => `"safelight ${name}"`).join(', ')}.`);
  const given = group.length > 0 ? words.join(' ') : (words[0] ?? '');
  const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  const meant = closestName(given, names) ?? closestName(words.join(' '), names);
  throw new UsageError(`There is no command "${given}".${meant === null ? '' : ` Did you mean "safelight ${meant}"?`} "safelight help" lists them all.`);
}

/** Options and arguments as the command declares them; otherwise throws a {@link UsageError} that names the problem. */
export function parseCall(command: Command, args: readonly string[]): ParsedCall {
  const declared = { ...command.options, ...globalOptions };
  const options = Object.fromEntries(Object.entries(declared).map(([name, { type }]) => [name, name === 'help' ? { type, short: 'h' } : { type }]));
  refuseUnknown(command, args, options);
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UsageError(`${inOurWords(sentence)} Usage: ${usage(command)}`);
  }
  // `parseArgs` returns only what the table above allows.
  const values = parsed.values as Record<string, string | boolean>;
  if (values['help'] !== true) requireArguments(command, parsed.positionals);
  return { options: values, arguments: parsed.positionals };
}

/** Node's own message says which option needs a value, or takes none; but not what to do about a value that begins with a dash. */
function inOurWords(sentence: string): string {
  const option = /(--[\w-]+).*is ambiguous/.exec(sentence)?.[1];
  if (option === undefined) return sentence.replace(/\.?$/, '.');
  return `${option} needs a value, and what follows it begins with a dash. If that is the value, write ${option}=….`;
}

function refuseUnknown(command: Command, args: readonly string[], options: Record<string, { type: 'string' | 'boolean' }>): void {
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(options, token.name)) continue;
    const meant = closestName(token.name, Object.keys(options));
    throw new UsageError(
      `"safelight ${command.name}" has no option ${token.rawName}.${meant === null ? '' : ` Did you mean --${meant}?`} "safelight ${command.name} --help" lists them.`,
    );
  }
}

function requireArguments(command: Command, given: readonly string[]): void {
  const declared = command.arguments ?? [];
  const missing = declared.slice(given.length).find(({ optional }) => optional !== true);
  if (missing !== undefined) throw new UsageError(`<${missing.name}> is missing: ${missing.purpose} Usage: ${usage(command)}`);
  const extra = declared.at(-1)?.many === true ? undefined : given[declared.length];
  if (extra === undefined) return;
  const [group = '', ...rest] = command.name.split(' ');
  // `safelight jobs lst` is `safelight jobs`, which lists them, and a word.
  const siblings = rest.length > 0 && command.aliases?.includes(group) === true ? ` "safelight help ${group}" lists the commands of "${group}".` : '';
  throw new UsageError(`"${extra}" is one word too many. Usage: ${usage(command)}${siblings}`);
}
