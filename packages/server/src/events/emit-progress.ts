import type { EventName } from '@safelight/contract/events';

import type { JobName } from '../jobs/definitions.ts';
import type { OnProgress } from '../jobs/running-job.ts';
import { emit } from './emit.ts';

/** Whom the progress of a job is told to; the others only keep it on their row. */
const progressEvents = {
  // Its bytes have come already; what it reports is what becomes of them.
  finalize: 'processing_progress',
  import: 'upload_progress',
  process: 'processing_progress',
  renew: 'processing_progress',
  'generate.image': 'generation_progress',
  'generate.video': 'generation_progress',
} as const satisfies Partial<Record<JobName, EventName>>;

export const emitProgress: OnProgress = async (tx, job, { progress, message }) => {
  const name = (progressEvents as Partial<Record<JobName, (typeof progressEvents)[keyof typeof progressEvents]>>)[job.type];
  if (name === undefined) return;
  await emit(tx, [
    {
      name,
      ownerId: job.ownerId,
      collection: job.collection ?? null,
      entity: job.entity ?? null,
      jobId: job.id,
      mediaId: job.assetId ?? null,
      payload: message === undefined ? { progress } : { progress, message },
    },
  ]);
};
