import { defineCommand, UsageError } from './command.ts';
import { bytesText, counted } from './terminal.ts';

export const backupCommand = defineCommand({
  name: 'backup',
  summary: 'Write records and objects as of one moment into a directory, beside running servers.',
  details:
    'Into the same directory again only new objects are copied. Nothing is removed from the stores while it runs. The directory holds what the database holds, secrets among it; those that the configuration holds (SAFELIGHT_SIGNING_KEYS, SAFELIGHT_JWT_SECRET) are not in it. Uploads under way are not in it.',
  options: { to: { type: 'string', value: 'dir', purpose: 'Where; made when it is not there.' } },
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
