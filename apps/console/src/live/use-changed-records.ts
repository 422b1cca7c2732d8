import type { Client } from '@safelight/client';
import { mediaOptions } from '@safelight/react/hooks';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { useClient } from '../session/session.ts';
import { useLive } from './live.ts';

/** Events come in bursts; one reading of a record a burst is enough. */
const burstMs = 100;

/** Reads each record again that has changed, once for all who show it: its page, and every list that may have it. */
export function useChangedRecords(): void {
  const queries = useQueryClient();
  const client = useClient();
  const { onMediaChange } = useLive();
  useEffect(() => {
    const changed = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const readThem = (): void => {
      timer = undefined;
      for (const id of changed) void readAgain(queries, client, id);
      changed.clear();
    };
    const stop = onMediaChange(({ id }) => {
      changed.add(id);
      timer ??= setTimeout(readThem, burstMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [queries, client, onMediaChange]);
}

async function readAgain(queries: QueryClient, client: Client, id: string): Promise<void> {
  const record = mediaOptions(client, id);
  const isShown = queries.getQueryCache().findAll({ type: 'active', predicate: ({ queryKey }) => isOf(queryKey, id) }).length > 0;
  // One that is under way may have been answered before the change.
  await queries.cancelQueries({ queryKey: record.queryKey });
  if (!isShown) queries.removeQueries({ queryKey: record.queryKey });
  // A refusal is told to those who show it.
  else await queries.query({ ...record, gcTime: 0 }).catch(() => undefined);
}

/** As the kit names them: a record, or a list of records. */
const isOf = ([, what, which]: readonly unknown[], id: string): boolean => what === 'library' || (what === 'media' && which === id);
