import type { Client } from '@safelight/client';
import { useCallback, useEffect, useRef, type Dispatch } from 'react';

import type { LibraryFilter } from './library-filter.ts';
import type { LibraryAction } from './library-state.ts';

const pageSize = 48;

export type LibraryPages = {
  /** From the first page on, or from where a page ended. What was being loaded is given up. */
  load: (cursor: string | null) => Promise<void>;
  isLoading: () => boolean;
};

/** Loads the first page under a filter, and each further one when it is asked for. */
export function useLibraryPages(client: Client, filter: LibraryFilter, dispatch: Dispatch<LibraryAction>): LibraryPages {
  const loading = useRef<AbortController | null>(null);
  const load = useCallback(
    async (cursor: string | null) => {
      loading.current?.abort();
      const own = new AbortController();
      loading.current = own;
      dispatch(cursor === null ? { type: 'begin', sort: filter.sort } : { type: 'beginMore' });
      try {
        const query = { limit: pageSize, ...definedOnly(filter), ...(cursor === null ? {} : { cursor }) };
        const { media, nextCursor } = await client.media.list(query, { signal: own.signal });
        dispatch({ type: 'page', media, nextCursor, first: cursor === null });
      } catch (problem) {
        if (!own.signal.aborted) dispatch({ type: 'problem', problem });
      } finally {
        if (loading.current === own) loading.current = null;
      }
    },
    [client, filter, dispatch],
  );
  useEffect(() => {
    void load(null);
    return () => loading.current?.abort();
  }, [load]);
  return { load, isLoading: useCallback(() => loading.current !== null, []) };
}

const definedOnly = ({ q, collection, kind, status, sort }: LibraryFilter) => ({
  ...(q === '' ? {} : { q }),
  ...(collection === '' ? {} : { collection }),
  ...(kind === '' ? {} : { kind }),
  ...(status === '' ? {} : status === 'deleted' ? { deleted: 'true' as const } : { status }),
  ...(sort === 'newest' ? {} : { sort }),
});
