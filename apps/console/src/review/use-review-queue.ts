import type { SafelightEvent } from '@safelight/client';
import type { QueuedMedia } from '@safelight/contract/reviews';
import { useCallback, useEffect, useState } from 'react';

import { usePagedList, type Page, type PagedList } from '../live/use-paged-list.ts';
import { useClient } from '../session/session.ts';
import { mergeItems, renewItems } from './queue-items.ts';

export type QueueView = 'queued' | 'failed' | 'rejected';
export type ReviewQueue = PagedList<QueuedMedia> & {
  /** On all pages. The server counts as far as `mostQueuedCounted`. */
  total: number;
  /** Reasons to reject with one key each. */
  presets: readonly string[];
  /** Takes out at once what was just decided; the next reading agrees. */
  drop: (ids: readonly string[]) => void;
  merge: (items: readonly QueuedMedia[]) => void;
};

const pageSize = 50;
/** Nothing tells that somebody has claimed or released; that, and a lost stream, is noticed so soon. */
const pollMs = 5_000;

/** What waits under a view, kept as it is now. */
export function useReviewQueue(review: QueueView, collection: string): ReviewQueue {
  const client = useClient();
  const [counted, setCounted] = useState<Pick<ReviewQueue, 'total' | 'presets'>>({ total: 0, presets: [] });
  const readPage = useCallback(
    async (cursor: string | null, signal: AbortSignal) => {
      const { media, nextCursor, total, presets } = await client.reviews.queue(
        { review, limit: pageSize, ...(collection === '' ? {} : { collection }), ...(cursor === null ? {} : { cursor }) },
        { signal },
      );
      setCounted({ total, presets });
      return { items: media, nextCursor };
    },
    [client, review, collection],
  );
  const list = usePagedList({ readPage, join, afterEvent });

  const { reload, change, stopReading } = list;
  useEffect(() => {
    const timer = setInterval(() => void (document.hidden || reload()), pollMs);
    return () => clearInterval(timer);
  }, [reload]);

  const drop = useCallback(
    (ids: readonly string[]) => {
      stopReading();
      change((items) => items.filter(({ id }) => !ids.includes(id)));
      setCounted((before) => ({ ...before, total: Math.max(0, before.total - ids.length) }));
    },
    [change, stopReading],
  );
  const merge = useCallback((given: readonly QueuedMedia[]) => change((items) => mergeItems(items, given)), [change]);
  return { ...list, ...counted, drop, merge };
}

const join = (shown: readonly QueuedMedia[], { items, nextCursor }: Page<QueuedMedia>, isFirst: boolean): readonly QueuedMedia[] =>
  isFirst ? renewItems(shown, items, nextCursor !== null) : mergeItems(shown, items);

/** How far something has come changes nothing in the queue. */
const afterEvent = ({ event }: SafelightEvent): ((items: readonly QueuedMedia[]) => readonly QueuedMedia[]) | null =>
  event.endsWith('_progress') ? (items) => items : null;
