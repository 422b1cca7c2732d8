import type { JobError } from '@safelight/contract/jobs';

import { jobsOf } from '../jobs/define-job.ts';
import type { JobSubject } from '../jobs/running-job.ts';
import type { Tx } from '../lib/context.ts';
import { afterCommit } from '../lib/transact.ts';
import { holdPlace } from '../places/lock-place.ts';
import { failProcessing } from './fail-processing.ts';
import { processAsset } from './process-asset.ts';
import type { ProcessingContext, ProcessingSite } from './processing-context.ts';
import { renewAsset } from './renew-asset.ts';
import { discardObjects } from '../storage/discard-objects.ts';

const define = jobsOf<ProcessingSite>();

export const processJob = define('process', {
  run: async (ctx, about) => await processAsset(ctx, about),
  hold: holdPlace,
  onFailed: async (tx, job, { error, attempts }, ctx) => await endProcessing(ctx, tx, job, error, attempts),
  onCancelled: async (tx, job, { attempts }, ctx) => await endProcessing(ctx, tx, job, cancelled, attempts),
});

/** A failure leaves the ready asset as it is. */
export const renewJob = define('renew', {
  run: async (ctx, about) => (await renewAsset(ctx, about)) ?? undefined,
  hold: holdPlace,
});

const cancelled: JobError = { code: 'cancelled', message: 'Its processing was cancelled. Retry it, or delete it.', retryable: true };

/** While an asset is being finalized, the next step has no job of its own: `job.data` names the asset. */
async function endProcessing(ctx: ProcessingContext, tx: Tx, job: JobSubject, error: JobError, attempts: number): Promise<void> {
  const { assetId } = job.data;
  if (typeof assetId !== 'string') return;
  const going = await failProcessing(tx, { assetId, jobId: job.id, attempts, error });
  if (going.length > 0) afterCommit(tx, () => void discardObjects(ctx, going));
}
