import type { Job } from '@safelight/contract/jobs';

import type { Context } from '../lib/context.ts';
import { hintAfterCommit } from '../lib/hints.ts';
import { transact } from '../lib/transact.ts';
import { cancelHint } from './definitions.ts';
import { requestCancel } from './queue-rows.ts';
import { findVisibleJob, renderJob } from './visible-job.ts';

/**
 * Cancels the job: at once while it waits; one that is being worked on is told to end within about a second and is `active` until it has.
 * A job that already ended is answered as it is, so asking again changes nothing. Throws `not_found` for a job that is somebody else's.
 */
export async function cancelJob(ctx: Context, id: string): Promise<Job> {
  const job = await findVisibleJob(ctx, id);
  await transact(ctx.db, async (tx) => {
    const asked = await requestCancel(tx, job.id);
    if (asked !== undefined) hintAfterCommit(tx, 'jobs', asked.state === 'active' ? cancelHint.of(job.id) : asked.lane);
  });
  return renderJob(await findVisibleJob(ctx, id));
}
