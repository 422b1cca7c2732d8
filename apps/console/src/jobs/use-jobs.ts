import type { SafelightEvent } from '@safelight/client';
import type { Job } from '@safelight/contract/jobs';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';

import { changePages } from '../live/change-pages.ts';
import { useLive } from '../live/live.ts';
import { recoveryOf } from '../live/recovery-of.ts';
import { useReadOn } from '../live/use-read-on.ts';
import { useClient } from '../session/session.ts';
import { followProgress } from './follow-progress.ts';
import { isMoving } from './is-moving.ts';

type JobPage = { jobs: readonly Job[]; nextCursor: string | null };
export type Jobs = { items: readonly Job[]; loading: boolean; problem: unknown; hasMore: boolean; loadMore: () => void; reload: () => void };

const pageSize = 50;
const pollMs = 3_000;

/** The newest jobs, as they go: told by events, and asked for while no stream is open. */
export function useJobs(state: Job['state'] | '', type: Job['type'] | ''): Jobs {
  const client = useClient();
  const { connection } = useLive();
  const isLive = connection.state === 'open';
  const queryKey = useMemo(() => ['jobs', state, type], [state, type]);
  const { data, error, isPending, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }): Promise<JobPage> => {
      const query = {
        limit: pageSize,
        ...(state === '' ? {} : { state }),
        ...(type === '' ? {} : { type }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      };
      return client.jobs.list(query, { signal });
    },
    initialPageParam: null,
    getNextPageParam: ({ nextCursor }: JobPage): string | null => nextCursor,
    refetchInterval: (query) => (!isLive || (query.state.data?.pages.some(({ jobs }) => jobs.some(isMoving)) ?? false) ? pollMs : recoveryOf(query)),
  });
  useReadOn(queryKey, isNoProgress);
  useFollowedProgress(queryKey);
  const items = useMemo(() => jobsOf(data?.pages ?? []), [data]);
  return { items, loading: isPending, problem: error, hasMore: hasNextPage, loadMore: () => void fetchNextPage(), reload: () => void refetch() };
}

function useFollowedProgress(queryKey: readonly unknown[]): void {
  const queries = useQueryClient();
  const { onEvent } = useLive();
  useEffect(
    () =>
      onEvent((event) => {
        const follow = followProgress(event);
        if (follow === null) return;
        void changePages<JobPage>(queries, queryKey, (pages) => pages.map((page) => ({ ...page, jobs: page.jobs.map(follow) })));
      }),
    [queries, onEvent, queryKey],
  );
}

const isNoProgress = (event: SafelightEvent): boolean => followProgress(event) === null;

/** A job may be on two pages, when newer ones came between their readings. */
const jobsOf = (pages: readonly JobPage[]): readonly Job[] => [...new Map(pages.flatMap(({ jobs }) => jobs.map((job) => [job.id, job] as const))).values()];
