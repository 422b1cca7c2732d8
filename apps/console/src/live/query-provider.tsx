import { QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';

import { useSession } from '../session/session.ts';
import { createQueries } from './create-queries.ts';
import { useLive } from './live.ts';
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

/** Has read again what may have changed unheard or was refused: after a gap in the events, and after each signing in. */
function Freshness() {
  const queries = useQueryClient();
  const { generation } = useSession();
  const { connection, onEvent } = useLive();
  const { state } = connection;
  const known = useRef(generation);
  const wasLost = useRef(false);
  useEffect(() => {
    if (state === 'reconnecting' || state === 'closed') wasLost.current = true;
    const isBack = wasLost.current && state === 'open';
    if (!isBack && known.current === generation) return;
    if (isBack) wasLost.current = false;
    known.current = generation;
    void queries.invalidateQueries();
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
