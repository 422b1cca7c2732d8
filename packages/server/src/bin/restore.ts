import { defineCommand, UsageError } from './command.ts';
import { bytesText, counted } from './terminal.ts';

export const restoreCommand = defineCommand({
  name: 'restore',
  summary: 'Restore a backup into an empty installation. Without --yes it only shows what it would restore.',
  details:
    'The target must have no media and no objects, and no server may run on it. Nothing is committed until every object and every row has been compared; after an interruption it starts over.\nObjects of stores that are not configured here go to the active one. Set the signing keys of the backed-up installation, or its signed URLs and webhook secrets will not work.',
  options: {
    from: { type: 'string', value: 'dir', purpose: 'The directory that "safelight backup" wrote.' },
    yes: { type: 'boolean', purpose: 'Do it.' },
  },
  examples: [
    { args: 'restore --from /backup/safelight', purpose: 'What would be restored; changes nothing and exits with 1.' },
    { args: 'restore --from /backup/safelight --yes', purpose: 'Restore it, then run "safelight storage check".' },
  ],
  async run(call) {
    const { from, yes } = call.options;
    if (from === undefined || from === '') throw new UsageError('Say from where with --from, as --from /backup/safelight.');
    const [path, { withData }, { readManifest }, { restore }] = await Promise.all([
      import('node:path'),
      import('./with-data.ts'),
      import('../backup/manifest.ts'),
      import('../backup/restore.ts'),
    ]);
    const directory = path.resolve(call.cwd, from);
    const manifest = await readManifest(directory);
    const what = `${counted(
      manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
      'row',
    )} and ${counted(manifest.objects, 'object')} of ${bytesText(manifest.bytes)} as of ${manifest.takenAt}`;
    if (yes !== true)
      return {
        exitCode: 1,
        data: { done: false, manifest },
        text: `This would bring ${what}.\nNothing was done. Do it with: safelight restore --from ${from} --yes`,
      };
    return await withData(call, async (ctx) => {
      const bar = call.terminal.progress('Restoring');
      const done = await restore(ctx, { from: directory, onObject: (count, all) => bar.update(count, all) });
      bar.clear();
      return { data: { done: true, ...done }, text: `${what} are here. "safelight storage check" compares them once more.` };
    });
  },
});
