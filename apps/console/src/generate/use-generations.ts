import type { Job } from '@safelight/contract/jobs';
import type { SafelightEvent } from '@safelight/client';
import { useCallback, useEffect } from 'react';

import { useLive } from '../live/live.ts';
import { usePagedList, type Page, type PagedList } from '../live/use-paged-list.ts';
import { useClient } from '../session/session.ts';

const shown = 12;
const pollMs = 3_000;

/** The newest requests, as they go: told by events, and asked for while no stream is open. */
export function useGenerations(): PagedList<Job> {
  const client = useClient();
  const { connection } = useLive();
  const readPage = useCallback(
    async (_cursor: string | null, signal: AbortSignal): Promise<Page<Job>> => {
      const lists = await Promise.all(
        (['generate.image', 'generate.video'] as const).map(async (type) => (await client.jobs.list({ type, limit: shown }, { signal })).jobs),
      );
      const items = lists.flat().sort((one, other) => other.createdAt.localeCompare(one.createdAt));
      return { items: items.slice(0, shown), nextCursor: null };
    },
    [client],
  );
  const list = usePagedList({ readPage, join, afterEvent });
  const { items, reload } = list;
  const isOpen = connection.state === 'open';
  const isMoving = items.some(({ state }) => state === 'queued' || state === 'active' || state === 'retrying');
  useEffect(() => {
    if (isOpen || !isMoving) return undefined;
    const timer = setInterval(reload, pollMs);
    return () => clearInterval(timer);
  }, [isOpen, isMoving, reload]);
  return list;
}

const join = (_shown: readonly Job[], page: Page<Job>): readonly Job[] => page.items;
const untouched = (jobs: readonly Job[]): readonly Job[] => jobs;

/** Progress is told in the event; an end is read, with its result; what is told of other things changes nothing here. */
function afterEvent({ event, data }: SafelightEvent): ((jobs: readonly Job[]) => readonly Job[]) | null {
  const { jobId } = data;
  if (event === 'generation_progress' && jobId !== undefined && 'progress' in data) {
    const { progress, message = null } = data;
    return (jobs) => jobs.map((job) => (job.id === jobId ? { ...job, state: 'active', progress, message } : job));
  }
  return event.startsWith('generation_') ? null : untouched;
}
