import { SafelightProblem, type Client } from '@safelight/client';
import { useCallback, useEffect, useReducer, type Dispatch } from 'react';

import { useLive } from '../live/live.ts';
import { useClient } from '../session/session.ts';
import { useRecovery } from '../live/use-recovery.ts';
import { useAfterSignIn } from '../session/use-after-sign-in.ts';
import { matches, type LibraryFilter } from './library-filter.ts';
import { emptyLibrary, libraryReducer, type LibraryAction, type LibraryState } from './library-state.ts';
import { useLibraryPages, type LibraryPages } from './use-library-pages.ts';

/** The library under a filter: page by page, and each record as it is now. */
export function useLibrary(filter: LibraryFilter): LibraryState & { loadMore: () => void; reload: () => void; drop: (ids: readonly string[]) => void } {
  const client = useClient();
  const [state, dispatch] = useReducer(libraryReducer, emptyLibrary);
  const { load, isLoading } = useLibraryPages(client, filter, dispatch);
  useChanges(client, filter, dispatch, load);

  const { nextCursor } = state;
  const loadMore = useCallback(() => {
    if (nextCursor !== null && !isLoading()) void load(nextCursor);
  }, [load, isLoading, nextCursor]);
  const reload = useCallback(() => void load(null), [load]);
  const drop = useCallback((ids: readonly string[]) => dispatch({ type: 'drop', ids }), []);
  useAfterSignIn(reload);
  useRecovery(state.problem, reload);
  return { ...state, loadMore, reload, drop };
}

/** Follows what happens to each record that the filter lets in. */
function useChanges(client: Client, filter: LibraryFilter, dispatch: Dispatch<LibraryAction>, load: LibraryPages['load']): void {
  const { onMediaChange } = useLive();
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
  }, [client, filter, dispatch, load, onMediaChange]);
}
