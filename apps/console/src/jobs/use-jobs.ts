import type { Job } from '@safelight/contract/jobs';
import { useCallback, useEffect, useRef, useState } from 'react';

import { useLive } from '../live/live.ts';
import { useClient } from '../session/session.ts';
import { useAfterSignIn } from '../session/use-after-sign-in.ts';

export type JobsState = { jobs: readonly Job[]; nextCursor: string | null; loading: boolean; problem: unknown };

const pageSize = 50;
/** Events come in bursts; one reading a burst is enough. */
const burstMs = 250;
const pollMs = 3_000;

/** The newest jobs, as they go: told by events, and asked for while no stream is open. */
export function useJobs(state: Job['state'] | ''): JobsState & { loadMore: () => void; reload: () => void } {
  const client = useClient();
  const { onEvent, connection } = useLive();
  const [shown, setShown] = useState<JobsState>({ jobs: [], nextCursor: null, loading: true, problem: null });
  const reading = useRef<AbortController | null>(null);

  const read = useCallback(
    async (cursor: string | null) => {
      reading.current?.abort();
      const own = new AbortController();
      reading.current = own;
      try {
        const query = { limit: pageSize, ...(state === '' ? {} : { state }), ...(cursor === null ? {} : { cursor }) };
        const page = await client.jobs.list(query, { signal: own.signal });
        setShown((before) => ({
          jobs: cursor === null ? page.jobs : [...before.jobs, ...page.jobs],
          nextCursor: page.nextCursor,
          loading: false,
          problem: null,
        }));
      } catch (problem) {
        if (!own.signal.aborted) setShown((before) => ({ ...before, loading: false, problem }));
      }
    },
    [client, state],
  );

  useEffect(() => {
    setShown({ jobs: [], nextCursor: null, loading: true, problem: null });
    void read(null);
    return () => reading.current?.abort();
  }, [read]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onEvent((event) => {
      const { jobId } = event.data;
      if (jobId !== undefined && 'progress' in event.data) {
        const { progress, message = null } = event.data;
        setShown((before) => ({ ...before, jobs: before.jobs.map((job) => (job.id === jobId ? { ...job, state: 'active', progress, message } : job)) }));
        return;
      }
      timer ??= setTimeout(() => {
        timer = undefined;
        void read(null);
      }, burstMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [onEvent, read]);

  const live = connection.state === 'open';
  const moving = shown.jobs.some(({ state: one }) => one === 'queued' || one === 'active' || one === 'retrying');
  useEffect(() => {
    if (live && !moving) return undefined;
    const timer = setInterval(() => void read(null), pollMs);
    return () => clearInterval(timer);
  }, [live, moving, read]);

  const { nextCursor } = shown;
  const loadMore = useCallback(() => {
    if (nextCursor !== null) void read(nextCursor);
  }, [read, nextCursor]);
  const reload = useCallback(() => void read(null), [read]);
  useAfterSignIn(reload);
  return { ...shown, loadMore, reload };
}
