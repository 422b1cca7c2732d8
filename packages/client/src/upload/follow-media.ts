import type { Job, Media } from '@safelight/contract/api';
import type { EventHub } from '../event-hub.ts';
import type { SafelightEvent } from '../events.ts';
import { asProblem, failureProblem, type SafelightProblem } from '../problem.ts';
import { request, type Connection } from '../request.ts';
import type { Accepted } from './protocol.ts';

export type FollowMediaOptions = {
  connection: Connection;
  hub: EventHub;
  signal: AbortSignal;
  onProgress: (progress: number | null, message: string | null) => void;
};

/** How often to ask: while an event stream is open, only as a floor; without one, soon at first and then less often. */
const pollMs = (open: boolean, looks: number): number => (open ? 10_000 : Math.min(1_500, 200 * 2 ** looks));

/**
 * Resolves with the record once it is ready; rejects with the reason when it failed, was cancelled or was deleted. Events tell
 * when to look; where no stream can be opened (a proxy that buffers, React Native) the record and its job are asked for instead.
 */
export function followMedia(accepted: Accepted, { connection, hub, signal, onProgress }: FollowMediaOptions): Promise<Media> {
  const { media, jobId } = accepted;
  return new Promise((resolve, reject) => {
    let open = false;
    let looks = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let looking: AbortController | undefined;

    const lookLater = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void look(), pollMs(open, looks));
      looks += 1;
    };
    const end = (outcome: Media | Error): void => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
      looking?.abort();
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    const onAbort = (): void => end(signal.reason as Error);

    /** Reads the record now. A look that is under way is given up: it may have been answered before what caused this one. */
    const look = async (): Promise<void> => {
      clearTimeout(timer);
      looking?.abort();
      const own = (looking = new AbortController());
      try {
        const outcome = await readOutcome(connection, media.id, own.signal, open ? null : onProgress);
        if (outcome !== null) return end(outcome);
      } catch (error) {
        if (own.signal.aborted) return;
        const problem = asProblem(error);
        if (!isPassing(problem)) return end(problem);
      }
      lookLater();
    };

    const onEvent = (event: SafelightEvent): void => {
      const { data } = event;
      if (data.mediaId !== media.id && (jobId === null || data.jobId !== jobId)) return;
      if (event.event === 'processing_progress' || event.event === 'upload_progress') onProgress(event.data.progress, event.data.message ?? null);
      else if (event.event === 'processing_started' || event.event === 'upload_started') onProgress(null, event.data.message ?? null);
      else void look();
    };

    const unsubscribe = hub.subscribe({
      onEvent,
      onState: ({ state }) => {
        open = state === 'open';
        // What happened before the stream was open is not in it.
        if (open) void look();
      },
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (!open) lookLater();
  });
}

/** How it ended, or null while it goes on. Asks its job as well where nobody else tells how far that is. */
async function readOutcome(
  connection: Connection,
  id: string,
  signal: AbortSignal,
  onProgress: FollowMediaOptions['onProgress'] | null,
): Promise<Media | Error | null> {
  const options = { signal, retries: 0 };
  const { media } = await request(connection, 'readMedia', { params: { id }, ...options });
  if (media.status === 'ready') return media;
  if (media.status === 'failed') return failureProblem(media.failure ?? unexplained);
  if (onProgress === null) return null;
  // The newest of its jobs: one brings the file in, and another one may process it.
  const { jobs } = await request(connection, 'listJobs', { query: { assetId: id, limit: 1 }, ...options });
  const problem = problemOfJob(jobs[0]);
  if (problem) return problem;
  if (jobs[0]?.state === 'active') onProgress(jobs[0].progress, jobs[0].message);
  return null;
}

/** A fault that the next look may not meet again. */
const isPassing = ({ code, status }: SafelightProblem): boolean => code === 'network_error' || status === 429 || status >= 500;

const unexplained = { code: 'internal', message: 'Processing failed, and the record does not say why.', retryable: true };

function problemOfJob(job: Job | undefined): SafelightProblem | undefined {
  if (job?.state === 'failed' && job.error) return failureProblem(job.error);
  if (job?.state === 'cancelled') return failureProblem({ code: 'gone', message: 'The job was cancelled.', retryable: false });
  return undefined;
}
