import type { Job, Media } from '@safelight/contract/api';
import type { EventHub } from '../event-hub.ts';
import type { SafelightEvent } from '../events.ts';
import { failureProblem, type SafelightProblem } from '../problem.ts';
import { request, type Connection } from '../request.ts';
import { watch } from '../watch.ts';
import type { Accepted } from './protocol.ts';

export type FollowMediaOptions = {
  connection: Connection;
  hub: EventHub;
  signal: AbortSignal;
  onProgress: (progress: number | null, message: string | null) => void;
};

/**
 * Resolves with the record once it is ready; rejects with the reason when it failed, was cancelled or was deleted.
 */
export async function followMedia(accepted: Accepted, { connection, hub, signal, onProgress }: FollowMediaOptions): Promise<Media> {
  const { media, jobId } = accepted;
  const isReason = ({ event, data }: SafelightEvent): boolean => {
    if (data.mediaId !== media.id && (jobId === null || data.jobId !== jobId)) return false;
    if (event !== 'processing_progress' && event !== 'upload_progress' && event !== 'processing_started' && event !== 'upload_started') return true;
    onProgress('progress' in data ? data.progress : null, data.message ?? null);
    return false;
  };
  const outcome = await watch(hub, {
    signal,
    isReason,
    look: async (own, isTold) => await readOutcome(connection, media.id, own, isTold ? null : onProgress),
  });
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

/** How the media ended; undefined while processing continues. Also reads its job if no event stream reports its progress. */
async function readOutcome(
  connection: Connection,
  id: string,
  signal: AbortSignal,
  onProgress: FollowMediaOptions['onProgress'] | null,
): Promise<Media | Error | undefined> {
  const options = { signal, retries: 0 };
  const { media } = await request(connection, 'readMedia', { params: { id }, ...options });
  if (media.status === 'ready') return media;
  if (media.status === 'failed') return failureProblem(media.failure ?? unexplained);
  if (onProgress === null) return undefined;
  // The newest of its jobs: one job finalizes the upload, and another one may process it.
  const { jobs } = await request(connection, 'listJobs', { query: { assetId: id, limit: 1 }, ...options });
  const problem = problemOfJob(jobs[0]);
  if (problem) return problem;
  if (jobs[0]?.state === 'active') onProgress(jobs[0].progress, jobs[0].message);
  return undefined;
}

const unexplained = { code: 'internal', message: 'Processing failed, and the record does not say why.', retryable: true };

function problemOfJob(job: Job | undefined): SafelightProblem | undefined {
  if (job?.state === 'failed' && job.error) return failureProblem(job.error);
  if (job?.state === 'cancelled') return failureProblem({ code: 'gone', message: 'The job was cancelled.', retryable: false });
  return undefined;
}
