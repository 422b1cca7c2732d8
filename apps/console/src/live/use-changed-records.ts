import type { Client } from '@safelight/client';
import { mediaOptions } from '@safelight/react/hooks';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { useClient } from '../session/session.ts';
import { useLive } from './live.ts';
import { readSoon } from './read-soon.ts';

/** Events come in bursts; one reading of a record a burst is enough. */
const burstMs = 100;
/** Where more have changed, a list is read again sooner than each of its records. */
const mostOneByOne = 48;

/** Reads each record again that has changed, once for all who show it: its page, and every list that may have it. */
export function useChangedRecords(): void {
  const queries = useQueryClient();
  const client = useClient();
  const { onMediaChange } = useLive();
  useEffect(() => {
    const changed = new Set<string>();
    const soon = readSoon(async () => {
      const ids = [...changed];
      changed.clear();
      if (ids.length > mostOneByOne) await queries.invalidateQueries({ queryKey: ['safelight'] });
      else await Promise.all(ids.map(async (id) => await readAgain(queries, client, id)));
    }, burstMs);
    const stop = onMediaChange(({ id }) => {
      changed.add(id);
      soon.ask();
    });
    return () => {
      stop();
      soon.stop();
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
  else await queries.query(record).catch(() => undefined);
}

/** As the kit names them: a record, or a list of records. */
const isOf = ([, what, which]: readonly unknown[], id: string): boolean => what === 'library' || (what === 'media' && which === id);
