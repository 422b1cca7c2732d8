import { purgeJob } from './collections/jobs.ts';
import { cdnPurgeJob, stampJob } from './delivery/jobs.ts';
import type { CdnPurge } from './delivery/purge-cdn.ts';
import type { GenerationContext } from './generation/generation-context.ts';
import { generateImageJob, generateVideoJob } from './generation/jobs.ts';
import { inTurn } from './jobs/define-job.ts';
import type { JobName } from './jobs/definitions.ts';
import type { JobHandler } from './jobs/running-job.ts';
import { processJob, renewJob } from './processing/jobs.ts';
import { mirrorJob, checksumsJob } from './reconcile/jobs.ts';
import { reviewJob, announceGateJob } from './review/jobs.ts';
import type { ReviewContext } from './review/review-asset.ts';
import { importJob, finalizeJob, scanJob } from './uploads/jobs.ts';
import type { ImportContext } from './uploads/open-import.ts';

export type WorkSite = ImportContext & GenerationContext & ReviewContext & { cdnPurge: CdnPurge | null };

/** Who does which job. What becomes of bytes that arrived is done in the job that brings them. */
export const jobHandlers: Record<JobName, JobHandler<WorkSite>> = {
  import: inTurn<WorkSite>(importJob, finalizeJob, scanJob, processJob),
  finalize: inTurn<WorkSite>(finalizeJob, scanJob, processJob),
  process: inTurn<WorkSite>(scanJob, processJob),
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
