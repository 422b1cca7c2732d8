import type { EventName } from '@safelight/contract/events';

import type { JobName } from '../jobs/definitions.ts';
import type { JobSubject, OnProgress } from '../jobs/running-job.ts';
import { emit } from './emit.ts';
import type { NewEvent } from './stored-event.ts';

/** The event names for the progress of each job type; other jobs only keep their progress on their row. */
const progressEvents = {
  // The bytes have arrived already; finalization reports what happens to them.
  finalize: 'processing_progress',
  import: 'upload_progress',
  process: 'processing_progress',
  renew: 'processing_progress',
  'generate.image': 'generation_progress',
  'generate.video': 'generation_progress',
} as const satisfies Partial<Record<JobName, EventName>>;

export const emitProgress: OnProgress = async (tx, job, told) => await emit(tx, progressEvent(job, told));

/** The event about the progress of a job; none for job types without one. */
export function progressEvent(job: JobSubject, { progress, message }: { progress: number | null; message?: string }): NewEvent[] {
  const name = (progressEvents as Partial<Record<JobName, (typeof progressEvents)[keyof typeof progressEvents]>>)[job.type];
  if (name === undefined) return [];
  return [
    {
      name,
      ownerId: job.ownerId,
      collection: job.collection ?? null,
      entity: job.entity ?? null,
      jobId: job.id,
      mediaId: job.assetId ?? null,
      payload: message === undefined ? { progress } : { progress, message },
    },
  ];
}
