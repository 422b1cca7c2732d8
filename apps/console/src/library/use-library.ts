import type { Media } from '@safelight/contract/media';
import { libraryOptions } from '@safelight/react/hooks';
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';

import { changePages } from '../live/change-pages.ts';
import { untilIdle } from '../live/until-idle.ts';
import { useClient } from '../session/session.ts';
import { wireFilterOf, type LibraryFilter } from './library-filter.ts';
import { drop, itemsOf, type LibraryPage } from './library-pages.ts';
import { useFollowedLibrary } from './use-followed-library.ts';

const pageSize = 48;
const none: readonly Media[] = [];

export type Library = {
  items: readonly Media[];
  /** `first`: nothing of this filter is there yet, and what is shown is of the one before. `more`: a further page is on its way. */
  loading: 'first' | 'more' | null;
  problem: unknown;
  hasMore: boolean;
  loadMore: () => void;
  /** What could not be read is tried again. */
  retry: () => void;
  drop: (ids: readonly string[]) => void;
};

/** The library under a filter: page by page, and each record as it is now. */
export function useLibrary(filter: LibraryFilter): Library {
  const client = useClient();
  const queries = useQueryClient();
  const options = useMemo(() => libraryOptions(client, { limit: pageSize, ...wireFilterOf(filter) }), [client, filter]);
  const { queryKey } = options;
  const list = useInfiniteQuery({
    ...options,
    select: itemsOf,
    placeholderData: keepPreviousData,
    // Comparing a hundred thousand records with those before takes longer than drawing those in view.
    structuralSharing: false,
  });
  useFollowedLibrary(queryKey, filter);

  const { data: items = none, error, isPending, isPlaceholderData, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, refetch } = list;
  const loadMore = useCallback(() => {
    if (!hasNextPage || isFetchingNextPage) return;
    void untilIdle(queries.getQueryCache().find({ queryKey })).then(async () => await fetchNextPage());
  }, [queries, queryKey, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return {
    items,
    loading: isPending || isPlaceholderData ? 'first' : isFetchingNextPage ? 'more' : null,
    problem: error,
    hasMore: hasNextPage,
    loadMore,
    retry: isFetchNextPageError ? loadMore : () => void refetch(),
    drop: useCallback((ids: readonly string[]) => void changePages<LibraryPage>(queries, queryKey, (pages) => drop(pages, ids)), [queries, queryKey]),
  };
}
