import type { JobContext } from '../jobs/running-job.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { lockPlaceOf } from '../places/lock-place.ts';
import { failProcessing } from '../processing/fail-processing.ts';
import { processAsset } from '../processing/process-asset.ts';
import { scanSource } from '../uploads/scan-object.ts';
import type { GenerationContext } from './generation-context.ts';
import { moveOutputs, type OutputRow } from './generation-rows.ts';

type Ctx = GenerationContext & JobContext;

/** Processes stored outputs like any upload; only then do they count as made. */
export async function processOutputs(ctx: Ctx, outputs: readonly OutputRow[]): Promise<void> {
  for (const { index, asset_id: assetId, state } of outputs) if (state === 'stored' && assetId !== null) await processOutput(ctx, index, assetId);
}

async function processOutput(ctx: Ctx, index: number, assetId: string): Promise<void> {
  // The job continues afterwards: instead of settling, this only checks that it is still ours.
  const job = { ...ctx.job, progress: () => undefined, settle: ctx.job.requireHeld };
  try {
    await scanSource(ctx, { assetId });
    await processAsset({ ...ctx, job }, { assetId });
  } catch (error) {
    if (!(error instanceof SafelightError) || error.retryable || ctx.signal.aborted) throw error;
    await transact(ctx.site.db, async (tx) => {
      await lockPlaceOf(tx, assetId);
      await ctx.job.requireHeld(tx);
      await failProcessing(tx, { assetId, jobId: ctx.job.id, attempts: 1, error: { code: error.code, message: error.detail, retryable: false } });
    });
  }
  const asset = await ctx.site.db.selectFrom('asset').select(['status', 'failure']).where('id', '=', assetId).executeTakeFirst();
  const failure = asset?.failure ?? { code: 'gone', message: 'It was deleted meanwhile.' };
  const isMade = asset?.status === 'ready';
  await transact(ctx.site.db, async (tx) => {
    await ctx.job.requireHeld(tx);
    const ended = isMade ? ({ to: 'done' } as const) : ({ to: 'failed', error: { code: failure.code, message: failure.message } } as const);
    await moveOutputs(tx, ctx.job.id, { indices: [index], from: ['stored'], ...ended });
  });
}
