import type { Job } from '@safelight/contract/jobs';

import type { Context } from '../lib/context.ts';
import { findVisibleJob, renderJob } from './visible-job.ts';

/** Throws `not_found` for another owner's job, as if there were none. */
export async function readJob(ctx: Context, id: string): Promise<Job> {
  return renderJob(await findVisibleJob(ctx, id));
}
