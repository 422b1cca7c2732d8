import { QueryClientProvider, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';

import { useSession } from '../session/session.ts';
import { createQueries } from './create-queries.ts';
import { useLive } from './live.ts';
import { untilIdle } from './until-idle.ts';
import { useChangedRecords } from './use-changed-records.ts';

/** Holds what was read. What one person has read is not shown to the next. */
export function QueryProvider({ children }: { children: ReactNode }) {
  const { claims } = useSession();
  return <PersonsQueries key={claims.id}>{children}</PersonsQueries>;
}

function PersonsQueries({ children }: { children: ReactNode }) {
  const [queries] = useState(createQueries);
  return (
    <QueryClientProvider client={queries}>
      <Freshness />
      {children}
    </QueryClientProvider>
  );
}

/** A first reading that is under way may have been answered before the events began, and is not begun anew by itself. */
async function readAgain(queries: QueryClient): Promise<void> {
  await Promise.all(queries.getQueryCache().findAll({ fetchStatus: 'fetching' }).map(untilIdle));
  await queries.invalidateQueries();
}

/** Has read again what may have changed unheard or was refused: before the events began, in a gap of theirs, and after each signing in. */
function Freshness() {
  const queries = useQueryClient();
  const { generation } = useSession();
  const { connection, onEvent } = useLive();
  const { state } = connection;
  const known = useRef(generation);
  const isUnheard = useRef(true);
  useEffect(() => {
    if (state === 'reconnecting' || state === 'closed') isUnheard.current = true;
    const isHeardNow = isUnheard.current && state === 'open';
    if (!isHeardNow && known.current === generation) return;
    if (isHeardNow) isUnheard.current = false;
    known.current = generation;
    void readAgain(queries);
  }, [queries, state, generation]);
  useEffect(
    () =>
      onEvent((event) => {
        if (event.event !== 'policy_changed') return;
        void queries.invalidateQueries({ queryKey: ['rules'] });
        void queries.invalidateQueries({ queryKey: ['policy', event.data.collection] });
      }),
    [queries, onEvent],
  );
  useChangedRecords();
  return null;
}
