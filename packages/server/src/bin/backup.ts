import { defineCommand, UsageError } from './command.ts';
import { bytesText, counted } from './terminal.ts';

export const backupCommand = defineCommand({
  name: 'backup',
  summary: 'Back up records and objects as of one moment into a directory, while servers run.',
  details:
    'A second backup into the same directory copies only new objects. Nothing is removed from the stores while it runs. The directory contains the whole database, including its secrets, but neither the secrets of the configuration (SAFELIGHT_SIGNING_KEYS, SAFELIGHT_JWT_SECRET) nor uploads in progress.',
  options: { to: { type: 'string', value: 'dir', purpose: 'The directory; created if it is missing.' } },
  examples: [{ args: 'backup --to /backup/safelight', purpose: 'Every night, then copied elsewhere.' }],
  async run(call) {
    const { to } = call.options;
    if (to === undefined || to === '') throw new UsageError('Say where with --to, as --to /backup/safelight.');
    const [path, { withData }, { backup }] = await Promise.all([import('node:path'), import('./with-data.ts'), import('../backup/backup.ts')]);
    return await withData(call, async (ctx) => {
      const bar = call.terminal.progress('Copying');
      const done = await backup(ctx, { to: path.resolve(call.cwd, to), onObject: (count, all) => bar.update(count, all) });
      bar.clear();
      const text = `As of ${done.takenAt}: ${counted(done.rows, 'row')}, ${counted(done.objects, 'object')} of ${bytesText(done.bytes)}, ${done.copied} of them new in ${to}.`;
      return { data: done, text };
    });
  },
});
