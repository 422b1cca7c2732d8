import { defineCommand } from './command.ts';

export const reset = defineCommand({
  name: 'reset',
  summary: 'Empty a development installation: all records and all objects. Never a cloud store.',
  details:
    'Only emulators, mocked stores and, in development, file systems are emptied; anything else is refused with all reasons. Without --yes it only shows what it would do.\nIn a store only keys below the prefixes of the collections are deleted. Stop servers and workers first.',
  options: { yes: { type: 'boolean', purpose: 'Really do it. There is no undo.' } },
  examples: [
    { args: 'reset', purpose: 'What would be deleted; changes nothing and exits with 1.' },
    { args: 'reset --yes', purpose: 'Do it.' },
  ],
  run: async (call) => await (await import('./empty-installation.ts')).emptyInstallation(call),
});
