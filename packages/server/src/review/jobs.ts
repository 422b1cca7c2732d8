import type { JobError } from '@safelight/contract/jobs';

import { jobsOf } from '../jobs/define-job.ts';
import type { JobSubject } from '../jobs/running-job.ts';
import type { Context, Tx } from '../lib/context.ts';
import { holdPlace } from '../places/lock-place.ts';
import { announceGateChange, type GateSite } from './announce-gate-change.ts';
import { endReview } from './fail-review.ts';
import { reviewAsset, type ReviewSite } from './review-asset.ts';

const define = jobsOf<ReviewSite>();

export const reviewJob = define('review', {
  run: async (ctx, { assetId, unanswered = false }) => await reviewAsset(ctx, { assetId, unanswered }),
  hold: holdPlace,
  onFailed: async (tx, job, { error, attempts }, ctx) => await end(ctx, tx, job, error, attempts),
  onCancelled: async (tx, job, { attempts }, ctx) => await end(ctx, tx, job, cancelled, attempts),
});

export const announceGateJob = jobsOf<GateSite>()('announce.gate', { run: async (ctx, about) => await announceGateChange(ctx, about) });

const cancelled: JobError = { code: 'conflict', message: 'The review was cancelled.', retryable: true };

async function end(ctx: Context, tx: Tx, job: JobSubject, error: JobError, attempts: number): Promise<void> {
  if (job.assetId !== undefined) await endReview(ctx, tx, { assetId: job.assetId, jobId: job.id, attempts, error });
}
