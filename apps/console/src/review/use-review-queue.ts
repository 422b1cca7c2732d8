import type { Client, SafelightEvent } from '@safelight/client';
import type { QueuedMedia } from '@safelight/contract/reviews';
import { useInfiniteQuery, useIsMutating, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { changePages } from '../live/change-pages.ts';
import { useReadOn } from '../live/use-read-on.ts';
import { useClient } from '../session/session.ts';
import { itemsOf, keepPictures, mergeItems, type QueuePage } from './queue-items.ts';

export type QueueView = 'queued' | 'failed' | 'rejected';
export type ReviewQueue = {
  items: readonly QueuedMedia[];
  loading: boolean;
  problem: unknown;
  hasMore: boolean;
  /** On all pages. The server counts as far as `mostQueuedCounted`. */
  total: number;
  /** Reasons to reject with one key each. */
  presets: readonly string[];
  reload: () => void;
  loadMore: () => void;
  /** Takes out what is being decided, ahead of the answer; answers how to bring it back. */
  drop: (ids: readonly string[]) => () => void;
  merge: (items: readonly QueuedMedia[]) => void;
};

/** Of everything that is done in the queue: one at a time. */
export const reviewing = ['reviewing'];
const pageSize = 50;
/** Nothing tells that somebody has claimed or released; that, and a lost stream, is noticed so soon. */
const pollMs = 5_000;
const none: readonly QueuedMedia[] = [];

/** What waits under a view, kept as it is now. */
export function useReviewQueue(review: QueueView, collection: string): ReviewQueue {
  const queries = useQueryClient();
  const queryKey = useMemo(() => ['review', review, collection], [review, collection]);
  /** What was claimed from beyond the pages that are loaded. */
  const [beyond, setBeyond] = useState(none);
  const { data, error, isPending, hasNextPage, fetchNextPage, refetch } = useQueuePages(queryKey, review, collection);

  const change = (to: (pages: readonly QueuePage[]) => readonly QueuePage[]): void => void changePages(queries, queryKey, to);
  const last = data?.pages.at(-1);
  const loaded = useMemo(() => itemsOf(data?.pages ?? []), [data]);
  const lastId = loaded.at(-1)?.id ?? '';
  return {
    items: hasNextPage
      ? mergeItems(
          loaded,
          beyond.filter(({ id }) => id > lastId),
        )
      : loaded,
    loading: isPending,
    problem: error,
    hasMore: hasNextPage,
    total: last?.total ?? 0,
    presets: last?.presets ?? [],
    reload: () => void refetch(),
    loadMore: () => void fetchNextPage(),
    drop(ids) {
      const before = queries.getQueryData(queryKey);
      const isLeft = ({ id }: QueuedMedia): boolean => !ids.includes(id);
      change((pages) => pages.map((page) => ({ ...page, media: page.media.filter(isLeft), total: Math.max(0, page.total - ids.length) })));
      setBeyond((all) => all.filter(isLeft));
      return () => {
        queries.setQueryData(queryKey, before);
        setBeyond(beyond);
      };
    },
    merge(given) {
      const isLoaded = ({ id }: QueuedMedia): boolean => !hasNextPage || id <= lastId;
      change(([first, ...others]) => (first === undefined ? [] : [{ ...first, media: mergeItems(first.media, given.filter(isLoaded)) }, ...others]));
      setBeyond((all) =>
        mergeItems(
          all,
          given.filter((item) => !isLoaded(item)),
        ),
      );
    },
  };
}

/** The pages that are loaded, read again after events, after each decision, and every few seconds. */
function useQueuePages(queryKey: readonly string[], review: QueueView, collection: string) {
  const client = useClient();
  const queries = useQueryClient();
  const isDeciding = useIsMutating({ mutationKey: reviewing }) > 0;
  const list = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam, signal }): Promise<QueuePage> => {
      const page = await readQueue(client, { review, collection, cursor: pageParam }, signal);
      return { ...page, media: keepPictures(itemsOf(queries.getQueryData<{ pages: QueuePage[] }>(queryKey)?.pages ?? []), page.media) };
    },
    initialPageParam: null,
    getNextPageParam: ({ nextCursor }: QueuePage): string | null => nextCursor,
    refetchInterval: pollMs,
    // What is read while a decision is on its way may have been answered before it; it is read as soon as that has come.
    enabled: !isDeciding,
  });
  useReadOn(queryKey, isOfTheQueue);
  return list;
}

type Wanted = { review: QueueView; collection: string; cursor: string | null };

const readQueue = (client: Client, { review, collection, cursor }: Wanted, signal: AbortSignal) =>
  client.reviews.queue({ review, limit: pageSize, ...(collection === '' ? {} : { collection }), ...(cursor === null ? {} : { cursor }) }, { signal });

/** How far something has come changes nothing in the queue. */
const isOfTheQueue = ({ event }: SafelightEvent): boolean => !event.endsWith('_progress');
