import { SafelightProblem } from '@safelight/client';
import { useCallback, useEffect, useReducer, useRef } from 'react';

import { useLive } from '../live/live.ts';
import { useClient } from '../session/session.ts';
import { useRecovery } from '../live/use-recovery.ts';
import { useAfterSignIn } from '../session/use-after-sign-in.ts';
import { matches, type LibraryFilter } from './library-filter.ts';
import { emptyLibrary, libraryReducer, type LibraryState } from './library-state.ts';

const pageSize = 48;

/** The library under a filter: page by page, and each record as it is now. */
export function useLibrary(filter: LibraryFilter): LibraryState & { loadMore: () => void; reload: () => void; drop: (ids: readonly string[]) => void } {
  const client = useClient();
  const { onMediaChange } = useLive();
  const [state, dispatch] = useReducer(libraryReducer, emptyLibrary);
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
    [client, filter],
  );

  useEffect(() => {
    void load(null);
    return () => loading.current?.abort();
  }, [load]);

  useEffect(() => {
    const own = new AbortController();
    const readAgain = async (id: string): Promise<void> => {
      try {
        const media = await client.media.read(id, { signal: own.signal });
        dispatch(matches(filter, media) ? { type: 'upsert', media } : { type: 'drop', ids: [id] });
      } catch (problem) {
        if (problem instanceof SafelightProblem && (problem.code === 'not_found' || problem.code === 'gone')) dispatch({ type: 'drop', ids: [id] });
      }
    };
    const stop = onMediaChange(({ id, deleted }) => {
      // What was deleted is told by the list alone: its record answers 410.
      if (filter.status === 'deleted') void (deleted ? load(null) : dispatch({ type: 'drop', ids: [id] }));
      else if (deleted) dispatch({ type: 'drop', ids: [id] });
      else void readAgain(id);
    });
    return () => {
      stop();
      own.abort();
    };
  }, [client, filter, load, onMediaChange]);

  const { nextCursor } = state;
  const loadMore = useCallback(() => {
    if (nextCursor !== null && loading.current === null) void load(nextCursor);
  }, [load, nextCursor]);
  const reload = useCallback(() => void load(null), [load]);
  const drop = useCallback((ids: readonly string[]) => dispatch({ type: 'drop', ids }), []);
  useAfterSignIn(reload);
  useRecovery(state.problem, reload);
  return { ...state, loadMore, reload, drop };
}

const definedOnly = ({ q, collection, kind, status, sort }: LibraryFilter) => ({
  ...(q === '' ? {} : { q }),
  ...(collection === '' ? {} : { collection }),
  ...(kind === '' ? {} : { kind }),
  ...(status === '' ? {} : status === 'deleted' ? { deleted: 'true' as const } : { status }),
  ...(sort === 'newest' ? {} : { sort }),
});
