import type { SafelightEvent } from '@safelight/client';
import type { Job } from '@safelight/contract/jobs';
import { useCallback, useEffect } from 'react';

import { useLive } from '../live/live.ts';
import { usePagedList, type Page, type PagedList } from '../live/use-paged-list.ts';
import { useClient } from '../session/session.ts';

const pageSize = 50;
const pollMs = 3_000;

/** The newest jobs, as they go: told by events, and asked for while no stream is open. */
export function useJobs(state: Job['state'] | '', type: Job['type'] | ''): PagedList<Job> {
  const client = useClient();
  const { connection } = useLive();
  const readPage = useCallback(
    async (cursor: string | null, signal: AbortSignal) => {
      const query = { limit: pageSize, ...(state === '' ? {} : { state }), ...(type === '' ? {} : { type }), ...(cursor === null ? {} : { cursor }) };
      const { jobs, nextCursor } = await client.jobs.list(query, { signal });
      return { items: jobs, nextCursor };
    },
    [client, state, type],
  );
  const list = usePagedList({ readPage, join, afterEvent });

  const { items, reload } = list;
  const live = connection.state === 'open';
  const moving = items.some(({ state: one }) => one === 'queued' || one === 'active' || one === 'retrying');
  useEffect(() => {
    if (live && !moving) return undefined;
    const timer = setInterval(reload, pollMs);
    return () => clearInterval(timer);
  }, [live, moving, reload]);
  return list;
}

const join = (shown: readonly Job[], page: Page<Job>, isFirst: boolean): readonly Job[] => (isFirst ? page.items : [...shown, ...page.items]);

function afterEvent({ data }: SafelightEvent): ((jobs: readonly Job[]) => readonly Job[]) | null {
  const { jobId } = data;
  if (jobId === undefined || !('progress' in data)) return null;
  const { progress, message = null } = data;
  return (jobs) => jobs.map((job) => (job.id === jobId ? { ...job, state: 'active', progress, message } : job));
}
