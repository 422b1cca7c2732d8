import type { GenerationCost } from '@safelight/contract/generation';

import type { GenerationSite } from './generation-context.ts';
import type { Tx } from '../lib/context.ts';
import { afterCommit } from '../lib/transact.ts';
import { costOf } from './cost-of.ts';
import { readGeneration, type GenerationRow } from './generation-rows.ts';

/**
 * Closes the account of a generation in the transaction that ends it, after unbilled units were returned: its state, its cost, and this process's
 * metrics.
 */
export async function accountFor(
  tx: Tx,
  ctx: { site: Pick<GenerationSite, 'generation' | 'onGenerated' | 'clock'> },
  jobId: string,
  end: { state: Extract<GenerationRow['state'], 'done' | 'failed' | 'cancelled' | 'unknown'>; error?: { code: string; message: string } },
): Promise<GenerationCost | null> {
  const known = await readGeneration(tx, jobId);
  if (known === null) return null;
  const { row, outputs } = known;
  const { prices } = ctx.site.generation;
  const { provider, model, kind, usage } = row;
  const amount = costOf(prices, { provider, model, kind, units: row.reserved_units, usage });
  const cost = amount === null ? null : { amount, currency: prices.currency };
  await tx
    .updateTable('generation')
    .set({
      state: end.state,
      ...(end.error === undefined ? {} : { error: JSON.stringify(end.error) }),
      cost: cost?.amount ?? null,
      currency: cost?.currency ?? null,
    })
    .where('job_id', '=', jobId)
    .execute();
  const counts: Record<string, number> = {};
  for (const { state, error } of outputs) {
    const name = state === 'done' ? 'stored' : (error?.code ?? end.error?.code ?? state);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  const isWhole = outputs.every(({ state }) => state === 'done');
  const outcome = end.state === 'done' ? (isWhole ? 'complete' : 'partial') : end.state;
  const seconds = (ctx.site.clock.now().getTime() - row.created_at.getTime()) / 1000;
  afterCommit(tx, () => ctx.site.onGenerated?.({ provider, model, kind, outcome, outputs: counts, seconds, cost }));
  return cost;
}
