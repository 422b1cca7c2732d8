import type { Repair, RepairOutcome } from '../reconcile/repair-discrepancies.ts';
import { defineCommand } from './command.ts';
import { noteUnchecked, refuseForgetfulStores, whereToLook } from './storage-check.ts';
import { table, type Terminal } from './terminal.ts';

/** The most repairs that are kept to be shown; all are counted. */
const shownAtMost = 1_000;

export const storageRepair = defineCommand({
  name: 'storage repair',
  summary: 'Repair the discrepancies that "storage check" finds, if that is safe. Without --yes it only shows what it would do.',
  details:
    'Abandoned writes and forgotten removals are completed; a lost variant of a picture is remade from its source by a worker, and its media is hidden until then.\nObjects that Safelight did not write are never deleted. For anything that cannot be repaired it says what you can do. Exits with 1 if something is left, or objects are in a store that is not configured.',
  options: {
    ...whereToLook,
    'dry-run': { type: 'boolean', purpose: 'Only show what would be done. This is the default.' },
    yes: { type: 'boolean', purpose: 'Do it.' },
  },
  examples: [
    { args: 'storage repair', purpose: 'What would be done; changes nothing.' },
    { args: 'storage repair --yes', purpose: 'Do it.' },
  ],
  async run(call) {
    const { options, terminal } = call;
    const isReal = options.yes === true && options['dry-run'] !== true;
    const [{ withData }, { findDiscrepancies, findUncheckedStores }, { applyRepair, planRepair }] = await Promise.all([
      import('./with-data.ts'),
      import('../reconcile/find-discrepancies.ts'),
      import('../reconcile/repair-discrepancies.ts'),
    ]);
    return await withData(call, async (ctx) => {
      refuseForgetfulStores(ctx);
      const bar = terminal.progress('Comparing');
      const { store, prefix } = options;
      const unchecked = store === undefined ? noteUnchecked(terminal, await findUncheckedStores(ctx)) : [];
      const shown: Shown[] = [];
      const summary: Summary = { found: 0, done: 0, queued: 0, left: 0 };
      const found = findDiscrepancies(ctx, {
        ...(store === undefined ? {} : { store }),
        ...(prefix === undefined ? {} : { prefix }),
        onProgress: ({ rows, expectedRows }) => bar.update(rows, prefix === undefined ? expectedRows : null),
      });
      for await (const discrepancy of found) {
        const repair = await planRepair(ctx, discrepancy);
        const outcome = isReal ? await applyRepair(ctx, repair) : null;
        summary.found += 1;
        if (outcome === 'done' || outcome === 'queued') summary[outcome] += 1;
        else if (repair.action === 'none' || (isReal && repair.action !== 'wait')) summary.left += 1;
        if (shown.length < shownAtMost) shown.push({ repair, outcome });
      }
      bar.clear();
      const repairs = shown.map(({ repair: { discrepancy, ...decision }, outcome }) => ({ ...decision, outcome, done: outcome === 'done', discrepancy }));
      return {
        exitCode: isReal && summary.left + unchecked.length > 0 ? 1 : 0,
        data: { dryRun: !isReal, summary, repairs, uncheckedStores: unchecked },
        text: describe(shown, summary, isReal, terminal),
      };
    });
  },
});

/** `outcome` is null when the plan was only to be shown. */
type Shown = { repair: Repair; outcome: RepairOutcome | null };
type Summary = { found: number; done: number; queued: number; left: number };

function describe(shown: readonly Shown[], summary: Summary, isReal: boolean, { paint }: Terminal): string {
  if (summary.found === 0) return 'The ledger and the configured stores agree; there is nothing to repair.';
  const rows = shown.map(({ repair, outcome }) => {
    const { discrepancy } = repair;
    return [discrepancy.class, `${discrepancy.provider}:${discrepancy.location}`, discrepancy.key, describeOutcome(repair, outcome, paint)];
  });
  const more = summary.found > shown.length ? [`and ${summary.found - shown.length} more`] : [];
  const end = isReal
    ? `${summary.done} of ${summary.found} repaired.${summary.queued > 0 ? ` ${summary.queued} queued for a worker: "safelight jobs list" says how they end, and "safelight storage check" whether they have helped.` : ''}`
    : `Nothing was changed. Do it with: safelight storage repair --yes`;
  return [table(['class', 'store', 'key', isReal ? 'outcome' : 'what would be done'], rows), ...more, end].join('\n');
}

function describeOutcome(repair: Repair, outcome: RepairOutcome | null, paint: Terminal['paint']): string {
  const { action } = repair;
  if (action === 'none') return paint('yellow', repair.reason);
  if (action === 'wait') return 'is being made again already';
  if (outcome === null) return `would ${action}`;
  if (outcome === 'left') return paint('yellow', `${action}: not done, somebody else is at it`);
  return outcome === 'done' ? paint('green', `${action}: done`) : `${action}: queued, a worker does it`;
}
