import type { Job } from '@safelight/contract/jobs';

import { readJob } from '../jobs/read-job.ts';
import { SafelightError } from '../lib/errors.ts';
import type { GenerationContext } from './generation-context.ts';
import { readGeneration } from './generation-rows.ts';
import { startGeneration, type KeptRequest } from './start-generation.ts';

/** Retries a failed generation by hand, as a new job. `mayCostAgain`: the failed one may have been paid for. */
export async function retryGeneration(ctx: GenerationContext, id: string): Promise<{ jobId: string; job: Job; mayCostAgain: boolean }> {
  const job = await readJob(ctx, id);
  const known = await readGeneration(ctx.site.db, job.id);
  if (known === null) throw new SafelightError('conflict', 'Only a generation is tried again by its job. For media, use POST /media/{id}/retry.');
  if (job.state !== 'failed' && job.state !== 'cancelled')
    throw new SafelightError('conflict', `The job is ${job.state}; only one that failed is tried again.`);
  if (job.error !== undefined && !job.error.retryable)
    throw new SafelightError('conflict', `Trying again cannot help: ${job.error.message} Change the request and send it anew.`);
  if (known.row.owner_id !== ctx.actor.id)
    throw new SafelightError('forbidden', 'Only the owner of a generation may try it again: it counts against their allowance.');
  // The same request, to the same provider and model.
  const { wanted } = known.row.request as KeptRequest;
  const provider = known.row.provider as NonNullable<typeof wanted.provider>;
  const { jobId } = await startGeneration(ctx, { ...wanted, provider, model: known.row.model }, { retryOf: job.id });
  return { jobId, job: await readJob(ctx, jobId), mayCostAgain: known.row.reserved_units > 0 };
}
