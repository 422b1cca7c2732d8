import type { Command, Options } from './command.ts';
import type { Terminal } from './terminal.ts';

/** Options of every command. */
export const globalOptions = {
  json: { type: 'boolean', purpose: 'Print one JSON document on standard output.' },
  help: { type: 'boolean', purpose: 'Show how the command is used.' },
} as const satisfies Options;

type Paint = Terminal['paint'];

export function writeOverview(groups: readonly { title: string; commands: readonly Command[] }[], paint: Paint): string {
  const width = Math.max(...groups.flatMap(({ commands }) => commands.map(({ name }) => name.length)));
  const sections = groups.map(({ title, commands }) =>
    [paint('bold', title), ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)].join('\n'),
  );
  return [
    'The media back end that product teams otherwise build again for every product.',
    `${paint('bold', 'Usage')}  safelight <command> [options]`,
    ...sections,
    'Every command takes --json and --help. Exit codes: 0 done, 1 failed or found something, 2 bad configuration.\nSettings: docs/configuration.md. Commands: docs/cli.md.',
  ].join('\n\n');
}

/** Help for a word that starts several commands. */
export function writeGroup(word: string, commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    `\n"safelight help ${commands[0]?.name ?? word}" shows how to use one.`,
  ].join('\n');
}

export function writeHelp(command: Command, paint: Paint): string {
  const { summary, details, examples } = command;
  const declared: Options = { ...command.options, ...globalOptions };
  const options = Object.entries(declared).map(([name, { value, purpose }]) => [`--${name}${value === undefined ? '' : ` <${value}>`}`, purpose] as const);
  return [
    summary,
    ...(details === undefined ? [] : [details]),
    `${paint('bold', 'Usage')}  ${usage(command)}`,
    ...(command.arguments === undefined
      ? []
      : [
          section(
            'Arguments',
            command.arguments.map(({ name, purpose }) => [`<${name}>`, purpose] as const),
            paint,
          ),
        ]),
    section('Options', options, paint),
    [paint('bold', 'Examples'), ...examples.map(({ args, purpose }) => `  safelight ${args}\n      ${purpose}`)].join('\n'),
  ].join('\n\n');
}

export function usage(command: Command): string {
  const places = (command.arguments ?? []).map(({ name, optional, many }) => `${optional === true ? `[<${name}>]` : `<${name}>`}${many === true ? ' …' : ''}`);
  return ['safelight', command.name, ...places, '[options]'].join(' ');
}

function section(title: string, lines: readonly (readonly [string, string])[], paint: Paint): string {
  const width = Math.max(...lines.map(([name]) => name.length));
  return [paint('bold', title), ...lines.map(([name, purpose]) => `  ${name.padEnd(width)}  ${purpose}`)].join('\n');
}
