import { sql, type RawBuilder } from '#kysely';

import { Later, type JobContext } from '../jobs/running-job.ts';
import { transact } from '../lib/transact.ts';
import type { GenerationContext } from './generation-context.ts';
import type { GenerationRow, OutputRow } from './generation-rows.ts';
import { ProviderFailure, type Done, type Generator } from './generator.ts';
import { failOutputs } from './fail-outputs.ts';

type Ctx = GenerationContext & JobContext;

const mostBadPolls = 5;
const pollMs = 30_000;

/** The time of the next poll: in 5 seconds, then half as long again each time, up to 20; random jitter keeps them from coinciding. */
export const nextLook = (polls: RawBuilder<unknown>): RawBuilder<Date> =>
  sql<Date>`now() + least(20, 5 * 1.5 ^ least(${polls}, 10)) * (0.85 + random() * 0.3) * interval '1s'`;

/**
 * Polls once. Returns the result; null when the operation failed, which is then recorded; while the provider works, the job comes back later. The
 * work is never requested again, whatever the provider answers.
 */
export async function pollOperation(ctx: Ctx, generator: Generator, row: GenerationRow, running: readonly OutputRow[]): Promise<Done | null> {
  if (row.deadline_at !== null && row.deadline_at <= ctx.site.clock.now()) {
    // Whatever it still makes, nobody fetches.
    await generator.cancel?.(row.operation, { signal: AbortSignal.any([ctx.signal, AbortSignal.timeout(pollMs)]) }).catch(() => {
      ctx.log.warn({ provider: row.provider }, 'A generation that took too long could not be stopped.');
    });
    await failOutputs(ctx, row, running, new ProviderFailure('provider_timeout', 'The provider did not end its work in time.', { isBilled: true }));
    return null;
  }
  try {
    if (generator.poll === undefined) throw new Error(`${generator.provider} starts operations and cannot be asked about them`);
    const polled = await generator.poll(row.operation, { signal: AbortSignal.any([ctx.signal, AbortSignal.timeout(pollMs)]) });
    if (polled.state === 'done') return polled;
    return await lookLater(ctx, row, { isBad: false, progress: polled.progress, message: polled.message ?? 'the provider is working' });
  } catch (error) {
    if (error instanceof Later) throw error;
    ctx.signal.throwIfAborted();
    if (error instanceof ProviderFailure && error.againAfterSeconds === undefined) {
      await failOutputs(ctx, row, running, error);
      return null;
    }
    return await lookAgain(ctx, row, running, error);
  }
}

/**
 * Schedules another poll after one without a result. A busy or unreachable provider says nothing about the work, so it is retried until the deadline;
 * a meaningless answer is tolerated five times in a row.
 */
export async function lookAgain(ctx: Ctx, row: GenerationRow, running: readonly OutputRow[], error: unknown): Promise<null> {
  const isBad = !(error instanceof ProviderFailure);
  if (!isBad || row.bad_polls + 1 < mostBadPolls)
    return await lookLater(ctx, row, { isBad, progress: null, message: 'the provider does not answer at the moment' });
  const failure = new ProviderFailure('provider_failed', 'The provider does not say any more what became of it.', { isBilled: true, cause: error });
  await failOutputs(ctx, row, running, failure);
  return null;
}

async function lookLater(ctx: Ctx, row: GenerationRow, told: { isBad: boolean; progress: number | null; message: string }): Promise<never> {
  await transact(ctx.site.db, async (tx) => {
    await ctx.job.requireHeld(tx);
    await tx
      .updateTable('generation')
      .set({ polls: sql`polls + 1`, bad_polls: told.isBad ? row.bad_polls + 1 : 0, next_poll_at: nextLook(sql`polls + 1`) })
      .where('job_id', '=', row.job_id)
      .execute();
  });
  throw untilThereIsNews(ctx, row.deadline_at, told);
}

/** Pauses the job. look-at-open.ts wakes it when there is news, and so does its deadline. */
export function untilThereIsNews(ctx: { site: Pick<Ctx['site'], 'clock'> }, deadline: Date | null, told: { progress: number | null; message: string }): Later {
  const seconds = ((deadline?.getTime() ?? 0) - ctx.site.clock.now().getTime()) / 1000;
  return new Later(Math.max(1, seconds), { progress: told.progress, message: told.message });
}
