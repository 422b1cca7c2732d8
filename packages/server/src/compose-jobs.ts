import { purgeJob } from './collections/jobs.ts';
import { cdnPurgeJob, stampJob } from './delivery/jobs.ts';
import { generateImageJob, generateVideoJob } from './generation/jobs.ts';
import { inTurn } from './jobs/define-job.ts';
import type { JobName } from './jobs/definitions.ts';
import type { JobHandler } from './jobs/running-job.ts';
import { processJob, renewJob } from './processing/jobs.ts';
import { mirrorJob, checksumsJob } from './reconcile/jobs.ts';
import { reviewJob, announceGateJob } from './review/jobs.ts';
import { importJob, finalizeJob, scanJob } from './uploads/jobs.ts';
import type { Site } from './site.ts';

/** The handler of each type of job. Bytes that have arrived are processed in the job that brought them. */
export const jobHandlers: Record<JobName, JobHandler<Site>> = {
  import: inTurn<Site>(importJob, finalizeJob, scanJob, processJob),
  finalize: inTurn<Site>(finalizeJob, scanJob, processJob),
  process: inTurn<Site>(scanJob, processJob),
  renew: renewJob,
  review: reviewJob,
  mirror: mirrorJob,
  'generate.image': generateImageJob,
  'generate.video': generateVideoJob,
  purge: purgeJob,
  'purge.cdn': cdnPurgeJob,
  'take.checksums': checksumsJob,
  stamp: stampJob,
  'announce.gate': announceGateJob,
};
