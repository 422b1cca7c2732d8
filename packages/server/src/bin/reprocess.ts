import type { Reprocessable, Reprocessed } from '../processing/reprocess-collection.ts';
import { defineCommand, UsageError } from './command.ts';
import { numberOption } from './number-option.ts';
import { type Terminal, table } from './terminal.ts';

export const reprocess = defineCommand({
  name: 'reprocess',
  summary: 'Remake the variants of a collection after its rules have changed, while the product keeps running.',
  details:
    'Every picture, video and sound whose outputs were made under other rules than the configured ones gets a job in the long lane, for the workers.\nThe old variants are served until one transaction has replaced them; only then are the old objects removed. Outputs with the same bytes keep their object and their URL, and media that are up to date are skipped.\nIt may be stopped or killed at any time, and continues when it is started again. The servers must use the same configuration file as this command. Exits with 1 if something failed.',
  options: {
    collection: { type: 'string', value: 'name', purpose: 'The collection, like listing.photos.' },
    'only-missing': { type: 'boolean', purpose: 'Only make missing roles, and keep existing outputs.' },
    all: { type: 'boolean', purpose: 'Also remake media that are up to date, because current libraries may produce other bytes.' },
    from: { type: 'string', value: 'id', purpose: 'Start at this media id; a run that was stopped prints it.' },
    rate: { type: 'string', value: 'media/s', purpose: 'Media per second; by default as many as the workers manage.' },
    'dry-run': { type: 'boolean', purpose: 'Only show what there is to do.' },
  },
  examples: [
    { args: 'reprocess --collection listing.photos --dry-run', purpose: 'The number of media to remake.' },
    { args: 'reprocess --collection listing.photos --rate 5', purpose: 'Remake them, at most five per second.' },
    { args: 'reprocess --collection listing.photos --only-missing', purpose: 'After a role was added.' },
  ],
  async run(call) {
    const { options, terminal } = call;
    const { collection, from } = options;
    if (collection === undefined) throw new UsageError('Say --collection, like --collection listing.photos.');
    if (options['only-missing'] === true && options.all === true) throw new UsageError('--only-missing and --all contradict each other; say one.');
    const rate = numberOption('rate', options.rate, { least: 0.001, most: 10_000 });
    const [{ withData }, { isUuid }, { countReprocessable, reprocessCollection }] = await Promise.all([
      import('./with-data.ts'),
      import('../lib/ids.ts'),
      import('../processing/reprocess-collection.ts'),
    ]);
    if (from !== undefined && !isUuid(from)) throw new UsageError(`--from is "${from}"; wanted: the id of a medium.`);
    return await withData(call, async (ctx) => {
      const asked = {
        collection,
        renewal: options['only-missing'] === true ? ('missing' as const) : options.all === true ? ('all' as const) : ('outdated' as const),
        ...(from === undefined ? {} : { from }),
      };
      if (options['dry-run'] === true) {
        const counts = await countReprocessable(ctx, asked);
        return { data: { dryRun: true, collection, ...counts }, text: `${describeCounts(counts)} Nothing was changed.` };
      }
      const bar = terminal.progress('Reprocessing');
      const reprocessed = await reprocessCollection(ctx, {
        ...asked,
        ...(rate === undefined ? {} : { perSecond: rate }),
        onProgress: ({ done, expected }) => bar.update(done, expected),
        onNobodyWorks: () =>
          terminal.note('Nothing has begun yet: no worker takes jobs. Start one with "npm start" or "safelight worker"; this command waits for it.'),
      });
      bar.clear();
      const isStopped = reprocessed.next !== null;
      return {
        exitCode: reprocessed.failed > 0 || isStopped ? 1 : 0,
        data: { collection, ...reprocessed },
        text: describeReprocessed(reprocessed, collection, terminal),
      };
    });
  },
});

const describeCounts = ({ media, outdated, withoutSource }: Reprocessable): string =>
  `${outdated} of ${media} media to be made anew.${withoutSource > 0 ? ` ${withoutSource} have no source any more and stay as they are.` : ''}`;

function describeReprocessed(done: Reprocessed, collection: string, { paint }: Terminal): string {
  return [
    `${done.renewed} media made anew, ${done.unchanged} came out the same${done.passed > 0 ? `, ${done.passed} were passed over, as they were deleted meanwhile or cannot be shown` : ''}.`,
    ...(done.withoutSource > 0 ? [`${done.withoutSource} have no source any more and stay as they are.`] : []),
    ...(done.failed > 0
      ? [
          paint('red', `${done.failed} failed; they show what they showed before:`),
          table(
            ['media', 'code', 'reason'],
            done.failures.map(({ assetId, code, message }) => [assetId, code, message]),
          ),
        ]
      : []),
    ...(done.next === null
      ? []
      : [paint('yellow', `Stopped. What was queued is still done. Go on with: safelight reprocess --collection ${collection} --from ${done.next}`)]),
  ].join('\n');
}
