import { storeName } from '../storage/locator.ts';
import { defineCommand } from './command.ts';
import { numberOption } from './number-option.ts';
import { refuseForgetfulStores } from './storage-check.ts';
import { describeMigration } from './storage-migrate.ts';
import { bytesText, counted } from './terminal.ts';

const grace = { least: 0, most: 86_400, usual: 300 };

export const storageMirror = defineCommand({
  name: 'storage mirror',
  summary: 'Move objects of direct uploads from the staging store to the final store.',
  details:
    'A job does this for every direct upload; this command is for the rest: jobs that have failed for good, and uploads from before there was a separate final store.\nEach object is copied, verified, and its record pointed at the copy. It may be stopped and started again. Exits with 1 if something could not be moved.',
  options: {
    grace: {
      type: 'string',
      value: 'seconds',
      purpose: `How long an object is kept on staging for readers that found it a moment before; ${grace.usual} by default.`,
    },
    'dry-run': { type: 'boolean', purpose: 'Only show what there is to move.' },
  },
  examples: [
    { args: 'storage mirror --dry-run', purpose: 'Whether there is anything to do.' },
    { args: 'storage mirror', purpose: 'Do it.' },
  ],
  async run(call) {
    const { options, terminal } = call;
    const graceSeconds = numberOption('grace', options.grace, grace);
    const [{ withData }, { countMovable, migrateObjects }] = await Promise.all([import('./with-data.ts'), import('../reconcile/migrate-objects.ts')]);
    return await withData(call, async (ctx) => {
      refuseForgetfulStores(ctx);
      const [from, to] = [ctx.site.stores.active('staging'), ctx.site.stores.active('final')];
      const between = { from: storeName(from), to: storeName(to) };
      if (between.from === between.to)
        return { data: { ...between, moved: 0 }, text: `Uploads land in the final store (${between.to}); there is nothing to mirror.` };
      if (options['dry-run'] === true) {
        const { objects, bytes } = await countMovable(ctx, from, 'bound');
        return {
          data: { dryRun: true, ...between, objects, bytes },
          text: `${counted(objects, 'object')}, ${bytesText(bytes)}, would move from ${between.from} to ${between.to}. Nothing was changed.`,
        };
      }
      const bar = terminal.progress('Mirroring');
      const migration = await migrateObjects(ctx, {
        from,
        to,
        graceSeconds,
        boundOnly: true,
        onProgress: ({ objects, expectedObjects }) => bar.update(objects, expectedObjects),
      });
      bar.clear();
      return { exitCode: migration.failed > 0 ? 1 : 0, data: { ...between, ...migration }, text: describeMigration(migration, terminal) };
    });
  },
});
