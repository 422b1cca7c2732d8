import type { SafelightEvent } from '@safelight/client';
import type { Job } from '@safelight/contract/jobs';

import { isMoving } from './is-moving.ts';

/** How far a job is, as an event tells it; null where an event tells of something else. A job that has ended stays as it is. */
export function followProgress({ data }: SafelightEvent): ((job: Job) => Job) | null {
  const { jobId } = data;
  if (jobId === undefined || !('progress' in data)) return null;
  const { progress, message = null } = data;
  return (job) => (job.id === jobId && isMoving(job) ? { ...job, state: 'active', progress, message } : job);
}
