import type { Client, SafelightEvent } from '@safelight/client';
import type { Job } from '@safelight/contract/jobs';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { useLive } from '../live/live.ts';
import { recoveryOf } from '../live/recovery-of.ts';
import { useReadOn } from '../live/use-read-on.ts';
import { followProgress } from '../jobs/follow-progress.ts';
import { isMoving } from '../jobs/is-moving.ts';
import { useClient } from '../session/session.ts';

const shown = 12;
const pollMs = 3_000;
const queryKey = ['generations'];

/** The newest requests, as they go: told by events, and asked for while one is under way, since its end may come before the stream is open. */
export function useGenerations() {
  const client = useClient();
  const queries = useQueryClient();
  const { onEvent } = useLive();
  // Progress is told in the event; an end is read, with its result; what is told of other things changes nothing here.
  useReadOn(queryKey, isOfGeneration);
  useEffect(
    () =>
      onEvent((event) => {
        const follow = event.event === 'generation_progress' ? followProgress(event) : null;
        if (follow !== null) queries.setQueryData<readonly Job[]>(queryKey, (jobs) => jobs?.map(follow));
      }),
    [queries, onEvent],
  );
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => readNewest(client, signal),
    refetchInterval: (query) => (query.state.data?.some(isMoving) === true ? pollMs : recoveryOf(query)),
  });
}

async function readNewest(client: Client, signal: AbortSignal): Promise<readonly Job[]> {
  const lists = await Promise.all(
    (['generate.image', 'generate.video'] as const).map(async (type) => (await client.jobs.list({ type, limit: shown }, { signal })).jobs),
  );
  return lists
    .flat()
    .sort((one, other) => other.createdAt.localeCompare(one.createdAt))
    .slice(0, shown);
}

const isOfGeneration = ({ event }: SafelightEvent): boolean => event.startsWith('generation_') && event !== 'generation_progress';
