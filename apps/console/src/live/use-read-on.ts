import type { SafelightEvent } from '@safelight/client';
import { hashKey, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { useLive } from './live.ts';
import { readSoon } from './read-soon.ts';
import { untilIdle } from './until-idle.ts';

/** Events come in bursts; one reading a burst is enough. */
const burstMs = 250;

/** Reads again what `concerns` says that an event is about. Keep that function between renders. */
export function useReadOn(queryKey: readonly unknown[], concerns: (event: SafelightEvent) => boolean): void {
  const queries = useQueryClient();
  const { onEvent } = useLive();
  const queryHash = hashKey(queryKey);
  useEffect(() => {
    const soon = readSoon(async () => {
      // One that is under way may have been answered before the event; and a further page that somebody waits for is not given up.
      await untilIdle(queries.getQueryCache().get(queryHash));
      await queries.invalidateQueries({ predicate: (query) => query.queryHash === queryHash });
    }, burstMs);
    const stop = onEvent((event) => {
      if (concerns(event)) soon.ask();
    });
    return () => {
      stop();
      soon.stop();
    };
  }, [queries, onEvent, queryHash, concerns]);
}
