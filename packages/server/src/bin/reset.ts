import { defineCommand } from './command.ts';

export const reset = defineCommand({
  name: 'reset',
  summary: 'Empty a development installation: all records and all objects. Never a cloud store.',
  details:
    'Only emulators, mocked stores and, in development, file systems are emptied; anything else is refused with all reasons. Without --yes it only says what it would do.\nIn a store only what lies below the key prefixes of the collections goes. Stop servers and workers first.',
  options: { yes: { type: 'boolean', purpose: 'Do it. There is no undo.' } },
  examples: [
    { args: 'reset', purpose: 'What would go; changes nothing and exits with 1.' },
    { args: 'reset --yes', purpose: 'Do it.' },
  ],
  run: async (call) => await (await import('./empty-installation.ts')).emptyInstallation(call),
});
