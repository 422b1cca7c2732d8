import type { JobError } from '@safelight/contract/jobs';

import { jobsOf } from '../jobs/define-job.ts';
import type { JobSubject } from '../jobs/running-job.ts';
import type { Tx } from '../lib/context.ts';
import { holdPlace } from '../places/lock-place.ts';
import { failProcessing } from './fail-processing.ts';
import { processAsset } from './process-asset.ts';
import type { ProcessingContext } from './processing-context.ts';
import { renewAsset } from './renew-asset.ts';

const define = jobsOf<ProcessingContext>();

export const processJob = define('process', {
  run: async (ctx, about) => await processAsset(ctx, about),
  hold: holdPlace,
  onFailed: async (tx, job, { error, attempts }) => await endProcessing(tx, job, error, attempts),
  onCancelled: async (tx, job, { attempts }) => await endProcessing(tx, job, cancelled, attempts),
});

/** What is ready already stays as it is when this fails. */
export const renewJob = define('renew', {
  run: async (ctx, about) => (await renewAsset(ctx, about)) ?? undefined,
  hold: holdPlace,
});

const cancelled: JobError = { code: 'conflict', message: 'Its processing was cancelled. Retry it, or delete it.', retryable: true };

/** An asset that is being finalized has no job of its own for what follows: `job.data` names it. */
async function endProcessing(tx: Tx, job: JobSubject, error: JobError, attempts: number): Promise<void> {
  const { assetId } = job.data;
  if (typeof assetId === 'string') await failProcessing(tx, { assetId, jobId: job.id, attempts, error });
}
