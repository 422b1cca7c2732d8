import type { JobContext } from '../jobs/running-job.ts';
import { transact } from '../lib/transact.ts';
import { whileAway } from '../lib/while-away.ts';
import type { GenerationContext } from './generation-context.ts';
import { giveBack, moveOutputs, type GenerationRow, type OutputRow } from './generation-rows.ts';
import type { ProviderFailure } from './generator.ts';

/**
 * Records why these outputs failed, and returns the units that nobody is charged for. Waits for a database that is away: only this process knows why,
 * and the next would have to call the outcome of a paid request unknown.
 */
export async function failOutputs(
  ctx: GenerationContext & JobContext,
  row: GenerationRow,
  outputs: readonly OutputRow[],
  failure: ProviderFailure,
): Promise<void> {
  if (failure.forOperator !== undefined || failure.cause !== undefined)
    ctx.log.warn({ code: failure.code, provider: row.provider, model: row.model, detail: failure.forOperator }, 'A provider could not fulfil a request.');
  const error = { code: failure.code, message: failure.message };
  const record = async (): Promise<void> =>
    await transact(ctx.site.db, async (tx) => {
      await ctx.job.requireHeld(tx);
      const indices = outputs.map(({ index }) => index);
      const moved = await moveOutputs(tx, row.job_id, { indices, from: ['waiting', 'submitting', 'submitted'], to: 'failed', error });
      if (!failure.isBilled) await giveBack(tx, row, moved.length);
    });
  await whileAway(ctx.signal, record);
}
