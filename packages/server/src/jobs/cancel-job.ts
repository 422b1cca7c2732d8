import type { Job } from '@safelight/contract/jobs';

import type { Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { entityOf, isWritable } from '../lib/reach.ts';
import { transact } from '../lib/transact.ts';
import { askToEnd } from './cancel-jobs-of.ts';
import { typeShown } from './definitions.ts';
import { findVisibleJob, renderJob } from './visible-job.ts';

/**
 * Cancels the job: a waiting job at once; a running one is told within about a second and stays `active` until it has ended. A job that has already
 * ended is returned unchanged, so a repeat changes nothing. Throws `not_found` for another owner's job, and `conflict` for a purge: it has to finish,
 * here and at a CDN, whatever its owner wants.
 */
export async function cancelJob(ctx: Context, id: string): Promise<Job> {
  const job = await findVisibleJob(ctx, id);
  if (!isWritable(ctx.actor, entityOf(job))) throw new SafelightError('forbidden', 'Your token does not allow writing to the entity of this job.');
  if (typeShown(job.type) === 'purge' && job.finished_at === null)
    throw new SafelightError(
      'conflict',
      'A purge is not cancelled. As long as the undo window of the media lasts, restore it: then there is nothing to purge.',
    );
  await transact(ctx.site.db, async (tx) => await askToEnd(tx, job.id));
  return renderJob(await findVisibleJob(ctx, id));
}
