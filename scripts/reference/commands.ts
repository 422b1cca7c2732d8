import type { Command } from '../../packages/server/src/bin/command.ts';
import { loadCommandGroups } from '../../packages/server/src/bin/commands.ts';
import { usage } from '../../packages/server/src/bin/write-help.ts';
import { code, markdownTable } from './markdown.ts';

/** Its examples need an older application, which that test brings; those of all others are run by commands.documents.test.ts. */
const ranElsewhere: Record<string, string> = {
  'media adopt': 'scripts/documents/migrating.documents.test.ts: the same command, with addresses that are there',
};

export async function writeCommands(): Promise<string> {
  const commandGroups = await loadCommandGroups();
  return `# The command line

Written by \`npm run docs\` from the table of commands. In a checkout run \`npm run -s safelight -- <command>\`; installed as a package it is \`safelight <command>\`.

- \`--json\` answers with one JSON document on standard output; what a command says about its work goes to standard error.
- Exit codes: 0 done, 1 failed or found something, 2 bad configuration, with all problems listed. With \`--json\` a failure is \`{"error": {"message", "code"?, "problems"?}}\`.
- Long work shows a progress bar on a terminal. Colours follow \`NO_COLOR\`.
- Commands work beside a running Safelight, also on its embedded database; when none runs, they start the database for as long as they need it.
- Settings come from the [environment and the configuration file](configuration.md), as for the server.

${commandGroups.map(({ title, commands }) => `## ${title}\n\n${commands.map(writeCommand).join('\n\n')}`).join('\n\n')}
`;
}

function writeCommand(command: Command): string {
  const { name, summary, details, arguments: places = [], options = {}, examples } = command;
  const rows = [
    ...places.map(({ name: place, purpose }) => [code(`<${place}>`), purpose]),
    ...Object.entries(options).map(([option, { purpose, value }]) => [code(`--${option}${value === undefined ? '' : ` <${value}>`}`), purpose]),
  ];
  const ranBy = ranElsewhere[name];
  return [
    `### ${code(name)}`,
    [summary, details].filter((part) => part !== undefined).join('\n'),
    `\`\`\`text\n${usage(command)}\n\`\`\``,
    ...(rows.length === 0 ? [] : [markdownTable(['', ''], rows)]),
    ...(ranBy === undefined ? [] : [`<!-- run by ${ranBy} -->`]),
    `\`\`\`sh\n${examples.map(({ args, purpose }) => `# ${purpose}\nsafelight ${args}`).join('\n')}\n\`\`\``,
  ].join('\n\n');
}
