import type { Command } from '../../packages/server/src/bin/command.ts';
import { loadCommandGroups } from '../../packages/server/src/bin/commands.ts';
import { usage } from '../../packages/server/src/bin/write-help.ts';
import { code, markdownTable } from './markdown.ts';

/** Its examples need an older application, which that test provides; those of all others are run by commands.documents.test.ts. */
const ranElsewhere: Record<string, string> = {
  'media adopt': 'scripts/documents/migrating.documents.test.ts: the same command, with addresses that are there',
};

export async function writeCommands(): Promise<string> {
  const commandGroups = await loadCommandGroups();
  return `# The command line

Written by \`npm run docs\` from the table of commands. In a clone of the repository, and in a project that has the package, run \`npx safelight <command>\`; installed globally it is \`safelight <command>\`.

- With \`--json\` a command writes one JSON document to standard output; messages about its progress go to standard error.
- Exit codes: 0 done, 1 failed or found something, 2 bad configuration, with all problems listed. With \`--json\` a failure is \`{"error": {"message", "code"?, "problems"?}}\`.
- Long-running commands show a progress bar on a terminal. Colours follow \`NO_COLOR\`.
- You can use the commands while Safelight runs, also with its embedded database. If Safelight does not run, a command starts the embedded database for as long as it needs it.
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
