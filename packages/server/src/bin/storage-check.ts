import { SafelightError } from '../lib/errors.ts';
import type { Discrepancy } from '../reconcile/discrepancy.ts';
import { defineCommand, UsageError } from './command.ts';
import { counted, type Terminal } from './terminal.ts';
import type { DataContext } from './with-data.ts';

/** Options that limit the comparison; also used by `storage repair`. */
export const whereToLook = {
  store: { type: 'string', value: 'name', purpose: 'One store, like s3:uploads; all configured ones by default.' },
  prefix: { type: 'string', value: 'path', purpose: 'Only objects below this path, like media/ada.' },
} as const;

export const storageCheck = defineCommand({
  name: 'storage check',
  summary: 'Compare the records with the objects in storage, in both directions. Read-only.',
  details:
    'Exits with 1 if there is a discrepancy, or objects in a store that is not configured, and 0 if there is none. Uploads and deletions may continue: objects in transit are not reported.\nClasses: missing_object, size_mismatch, unknown_object, stuck_writing, stuck_deleting. docs/storage.md explains them.',
  options: {
    ...whereToLook,
    format: { type: 'string', value: 'format', purpose: 'text, csv or json; text by default, json with --json.' },
  },
  examples: [
    { args: 'storage check', purpose: 'Everything, as text.' },
    { args: 'storage check --format csv > discrepancies.csv', purpose: 'For a spreadsheet; written as it is found, whatever the size.' },
    { args: 'storage check --prefix media/ada --json', purpose: 'The objects of one owner.' },
  ],
  async run(call) {
    const { options, terminal } = call;
    const format = terminal.json ? 'json' : (options.format ?? 'text');
    const [{ withData }, { findDiscrepancies, findUncheckedStores }, formats] = await Promise.all([
      import('./with-data.ts'),
      import('../reconcile/find-discrepancies.ts'),
      import('../reconcile/write-discrepancies.ts'),
    ]);
    const writers = { text: formats.discrepanciesAsText, csv: formats.discrepanciesAsCsv, json: formats.discrepanciesAsJson };
    if (format !== 'text' && format !== 'csv' && format !== 'json') throw new UsageError(`--format is "${format}"; wanted: text, csv or json.`);
    return await withData(call, async (ctx) => {
      refuseForgetfulStores(ctx);
      const bar = terminal.progress('Comparing');
      const { store, prefix } = options;
      let total = 0;
      let walked = { rows: 0, objects: 0 };
      async function* found(): AsyncGenerator<Discrepancy, void> {
        for await (const discrepancy of findDiscrepancies(ctx, {
          ...(store === undefined ? {} : { store }),
          ...(prefix === undefined ? {} : { prefix }),
          onProgress: ({ rows, objects, expectedRows }) => {
            walked = { rows, objects };
            bar.update(rows, prefix === undefined ? expectedRows : null);
          },
        })) {
          total += 1;
          bar.clear();
          yield discrepancy;
        }
        bar.clear();
      }
      const unchecked = store === undefined ? noteUnchecked(terminal, await findUncheckedStores(ctx)) : [];
      for await (const piece of format === 'json'
        ? writers.json(found(), (tally) => ({ ...tally, compared: walked, uncheckedStores: unchecked }))
        : writers[format](found()))
        await terminal.write(piece);
      const where = store ?? counted(ctx.site.stores.all().length, 'store');
      const looked = `Compared ${counted(walked.rows, 'record')} with ${counted(walked.objects, 'object')} in ${where}${prefix === undefined ? '' : `, below ${prefix}`}.`;
      // With csv and json, standard output holds only the document, so this goes to standard error.
      if (format === 'text') await terminal.write(`${looked}\n`);
      else if (format === 'csv') terminal.note(looked);
      return { exitCode: total + unchecked.length > 0 ? 1 : 0 };
    });
  },
});

/** Tells of stores that hold objects and are not configured: what is wrong there is not found. */
export function noteUnchecked<Piece extends { store: string; objects: number }>(terminal: Terminal, unchecked: Piece[]): Piece[] {
  for (const { store, objects } of unchecked)
    terminal.note(`${counted(objects, 'object')} ${objects === 1 ? 'is' : 'are'} in ${store}, which is not configured, so they cannot be checked.`);
  return unchecked;
}

/** A mocked store lives in its server's memory; this process would open another, empty one. */
export function refuseForgetfulStores({ site: { stores } }: { site: Pick<DataContext['site'], 'stores'> }): void {
  if (!stores.all().some(({ provider }) => provider === 'mocked')) return;
  throw new SafelightError(
    'conflict',
    'A mocked store is in the memory of its server, and no other process can inspect it. Ask the server: POST /v1/admin/discrepancies.',
  );
}
