import type { Job } from '@safelight/contract/jobs';

import type { Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { entityOf, isWritable } from '../lib/reach.ts';
import { hintAfterCommit } from '../lib/hints.ts';
import { transact } from '../lib/transact.ts';
import { cancelHint, typeShown } from './definitions.ts';
import { requestCancel } from './queue-rows.ts';
import { findVisibleJob, renderJob } from './visible-job.ts';

/**
 * Cancels the job: at once while it waits; one that is being worked on is told to end within about a second and is `active` until it has.
 * A job that already ended is answered as it is, so asking again changes nothing. Throws `not_found` for a job that is somebody else's, and
 * `conflict` for a purge: what is to be gone has to go, here and at a CDN, and no word of its owner keeps it.
 */
export async function cancelJob(ctx: Context, id: string): Promise<Job> {
  const job = await findVisibleJob(ctx, id);
  if (!isWritable(ctx.actor, entityOf(job))) throw new SafelightError('forbidden', 'Your token does not allow writing to the entity of this job.');
  if (typeShown(job.type) === 'purge' && job.finished_at === null)
    throw new SafelightError(
      'conflict',
      'A purge is not cancelled. As long as the undo window of the media lasts, restore it: then there is nothing to purge.',
    );
  await transact(ctx.site.db, async (tx) => {
    const asked = await requestCancel(tx, job.id);
    if (asked !== undefined) hintAfterCommit(tx, 'jobs', asked.state === 'active' ? cancelHint.of(job.id) : asked.lane);
  });
  return renderJob(await findVisibleJob(ctx, id));
}
