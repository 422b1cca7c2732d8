import { SafelightProblem } from '@safelight/client';
import type { Media } from '@safelight/contract/media';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';

import { changePages } from '../live/change-pages.ts';
import { useLive } from '../live/live.ts';
import { useReadOn } from '../live/use-read-on.ts';
import { isToldByList, matches, type LibraryFilter } from './library-filter.ts';
import { drop, holds, upsert, type LibraryPage } from './library-pages.ts';

/** Keeps a library as it is now: each record that is read anywhere takes its place in it, and what is gone leaves it. */
export function useFollowedLibrary(queryKey: readonly unknown[], filter: LibraryFilter): void {
  const queries = useQueryClient();
  const { onMediaChange } = useLive();
  const isOfDeleted = filter.status === 'deleted';
  const isByList = isToldByList(filter);
  useEffect(() => {
    const change = (to: (pages: readonly LibraryPage[]) => readonly LibraryPage[]): void => void changePages(queries, queryKey, to);
    const stopReading = queries.getQueryCache().subscribe((event) => {
      const id = recordOf(event.query.queryHash);
      if (event.type !== 'updated' || id === null) return;
      const media = queries.getQueryData<Media>(['safelight', 'media', id]);
      if (event.action.type === 'success' && media !== undefined)
        change((pages) => {
          if (!matches(filter, media)) return drop(pages, [id]);
          return isByList && !holds(pages, id) ? pages : upsert(pages, media, filter.sort);
        });
      if (event.action.type === 'error' && isGone(event.action.error) && !isOfDeleted) change((pages) => drop(pages, [id]));
    });
    const stopChanges = onMediaChange(({ id, deleted }) => {
      // What was deleted is told by its list alone, which is read again: the record answers 410.
      if (deleted !== isOfDeleted) change((pages) => drop(pages, [id]));
    });
    return () => {
      stopReading();
      stopChanges();
    };
  }, [queries, queryKey, filter, isOfDeleted, isByList, onMediaChange]);
  useReadOn(
    queryKey,
    useCallback(({ event }) => isByList && (isOfDeleted ? /^media_(deleted|replaced)$/ : /^media_published$/).test(event), [isByList, isOfDeleted]),
  );
}

/** The id of the record that was read, by the name that the kit gives it. */
const recordOf = (queryHash: string): string | null => /^\["safelight","media","([^"]+)"\]$/.exec(queryHash)?.[1] ?? null;

const isGone = (problem: unknown): boolean => problem instanceof SafelightProblem && (problem.code === 'not_found' || problem.code === 'gone');
