'use client';
import { createStore, type Client, type Job, type SafelightProblem, type Store } from '@safelight/client';

import { asError } from './as-error.ts';

export type JobSnapshot = { job: Job | null; error: SafelightProblem | null };

export const noJob: JobSnapshot = { job: null, error: null };
export const hasEnded = (job: Job | null): boolean => job !== null && (job.state === 'complete' || job.state === 'failed' || job.state === 'cancelled');

/** How often to ask: while a stream is open, only as a floor; without one, soon at first and then less often. */
const pollMs = (open: boolean, looks: number): number => (open ? 10_000 : Math.min(2_000, 250 * 2 ** looks));

/** A job, read whenever something is told of it, until it has ended or nobody looks any more. */
export function createJobStore(client: Client, id: string): Store<JobSnapshot> {
  const { change, subscribe, getSnapshot } = createStore<JobSnapshot>(noJob);
  let watchers = 0;
  let stop = (): void => undefined;

  const begin = (): (() => void) => {
    const own = new AbortController();
    let open = false;
    let looks = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void look(), pollMs(open, looks));
      looks += 1;
    };
    const look = async (): Promise<void> => {
      clearTimeout(timer);
      try {
        const job = await client.jobs.read(id, { signal: own.signal });
        if (own.signal.aborted) return;
        change({ job, error: null });
        if (hasEnded(job)) return unfollow();
      } catch (error) {
        if (own.signal.aborted) return;
        const problem = asError(error);
        change({ error: problem });
        if (!problem.retryable) return unfollow();
      }
      later();
    };
    const unfollow = client.events.subscribe({
      onEvent: ({ event, data }) => {
        if (data.jobId !== id) return;
        const { job } = getSnapshot();
        if (job && event.endsWith('_progress') && 'progress' in data) change({ job: { ...job, progress: data.progress, message: data.message ?? null } });
        else void look();
      },
      onState: ({ state }) => {
        open = state === 'open';
        // What happened before the stream was open is not in it.
        if (open) void look();
      },
    });
    void look();
    return () => {
      own.abort();
      clearTimeout(timer);
      unfollow();
    };
  };

  return {
    getSnapshot,
    subscribe(listener) {
      const leave = subscribe(listener);
      watchers += 1;
      if (watchers === 1) stop = begin();
      return () => {
        leave();
        watchers -= 1;
        if (watchers === 0) stop();
      };
    },
  };
}
