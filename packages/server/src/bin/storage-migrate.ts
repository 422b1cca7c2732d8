import type { Migration } from '../reconcile/migrate-objects.ts';
import { providers, storeName } from '../storage/locator.ts';
import type { Store } from '../storage/store.ts';
import type { Stores } from '../storage/stores.ts';
import { defineCommand, UsageError } from './command.ts';
import { numberOption } from './number-option.ts';
import { refuseForgetfulStores } from './storage-check.ts';
import { type Terminal, bytesText, counted, table } from './terminal.ts';

const graces = { least: 0, most: 30 * 86_400, usual: 3600 };
const atOnce = { least: 1, most: 32, usual: 4 };

export const storageMigrate = defineCommand({
  name: 'storage migrate',
  summary: 'Move every object of one store to another, one at a time, while the product keeps running.',
  details:
    'Each object is copied, its checksum verified, and its record pointed at the copy in one transaction; the old object is deleted after the grace period.\nIt may be stopped or killed at any time and started again: moved objects stay moved. Both stores must be configured: the active one by the environment, the other in additionalStores.\ndocs/storage.md has the whole runbook. Exits with 1 if something could not be moved.',
  options: {
    from: { type: 'string', value: 'store', purpose: 'The store to empty, like s3:old.' },
    to: { type: 'string', value: 'store', purpose: 'The store to fill, like gcs:new.' },
    grace: {
      type: 'string',
      value: 'seconds',
      purpose: `How long an old object is kept for readers that found it a moment before; ${graces.usual} by default.`,
    },
    rate: { type: 'string', value: 'MB/s', purpose: 'Megabytes per second, for all objects together; unlimited by default.' },
    concurrency: { type: 'string', value: 'number', purpose: `Objects at once, ${atOnce.least} to ${atOnce.most}; ${atOnce.usual} by default.` },
    'read-back': { type: 'boolean', purpose: 'Read every copy back and compare, even if the provider verified it when it was written.' },
    'dry-run': { type: 'boolean', purpose: 'Only show what there is to move.' },
  },
  examples: [
    { args: 'storage migrate --from s3:old --to gcs:new --dry-run', purpose: 'How much there is.' },
    { args: 'storage migrate --from s3:old --to gcs:new --rate 50', purpose: 'Move it at 50 MB/s.' },
    { args: 'storage migrate --from filesystem:objects --to s3:photos --grace 86400', purpose: 'Keep the old objects for a day.' },
  ],
  async run(call) {
    const { options, terminal } = call;
    if (options.from === undefined || options.to === undefined)
      throw new UsageError('Say --from and --to, each as provider:location, like --from s3:old --to gcs:new.');
    const graceSeconds = numberOption('grace', options.grace, graces);
    const rate = numberOption('rate', options.rate, { least: 0.01, most: 100_000 });
    const concurrency = numberOption('concurrency', options.concurrency, atOnce);
    const [{ withData }, { countMovable, migrateObjects }] = await Promise.all([import('./with-data.ts'), import('../reconcile/migrate-objects.ts')]);
    return await withData(call, async (ctx) => {
      refuseForgetfulStores(ctx);
      const from = storeNamed(ctx.site.stores, options.from ?? '');
      const to = storeNamed(ctx.site.stores, options.to ?? '');
      if (options['dry-run'] === true) {
        const { objects, bytes } = await countMovable(ctx, from, 'stored');
        await to.check({ signal: ctx.signal });
        const text = `${counted(objects, 'object')}, ${bytesText(bytes)}, would move from ${storeName(from)} to ${storeName(to)}. Nothing was changed.`;
        return { data: { dryRun: true, from: storeName(from), to: storeName(to), objects, bytes }, text };
      }
      if (from === ctx.site.stores.active('final') || from === ctx.site.stores.active('staging'))
        terminal.note(`New objects are still written to ${storeName(from)}. Make ${storeName(to)} the active store and run this again, or it never empties.`);
      const bar = terminal.progress('Moving');
      const migration = await migrateObjects(ctx, {
        from,
        to,
        graceSeconds,
        concurrency: Math.round(concurrency),
        readBack: options['read-back'] === true,
        ...(rate === undefined ? {} : { bytesPerSecond: rate * 1e6 }),
        onProgress: ({ objects, expectedObjects }) => bar.update(objects, expectedObjects),
      });
      bar.clear();
      return {
        exitCode: migration.failed > 0 ? 1 : 0,
        data: { from: storeName(from), to: storeName(to), ...migration },
        text: describeMigration(migration, terminal),
      };
    });
  },
});

/** The store of that name; an unknown or unconfigured name is a usage error. */
function storeNamed(stores: Stores, name: string): Store {
  const found = stores.all().find((store) => storeName(store) === name);
  if (found !== undefined) return found;
  const configured = stores.all().map(storeName).join(', ');
  const isName = providers.some((provider) => name.startsWith(`${provider}:`));
  throw new UsageError(
    isName
      ? `The store ${name} is not configured. Configured are: ${configured}. Add it to additionalStores (docs/storage.md).`
      : `"${name}" names no store; wanted: provider:location. Configured are: ${configured}.`,
  );
}

export function describeMigration({ moved, bytes, changed, failed, failures, left }: Migration, { paint }: Terminal): string {
  return [
    `${counted(moved, 'object')} moved, ${bytesText(bytes)}${changed > 0 ? `; ${changed} were deleted meanwhile` : ''}.`,
    ...(failed > 0
      ? [
          paint('red', `${failed} could not be moved:`),
          table(
            ['key', 'reason'],
            failures.map(({ key, reason }) => [key, reason]),
          ),
        ]
      : []),
    ...(left > 0 ? [`Still in use there: ${counted(left, 'object')}, failures, uploads under way, or what came meanwhile. Run it again later.`] : []),
  ].join('\n');
}
