import type { QueuedMedia } from '@safelight/contract/reviews';
import { useCallback, useEffect, useRef, useState } from 'react';

import { useLive } from '../live/live.ts';
import { useClient } from '../session/session.ts';
import { useAfterSignIn } from '../session/use-after-sign-in.ts';
import { mergeItems, renewItems } from './queue-items.ts';

export type QueueView = 'queued' | 'failed' | 'rejected';
export type ReviewQueue = {
  items: readonly QueuedMedia[];
  nextCursor: string | null;
  loading: boolean;
  problem: unknown;
  reload: () => void;
  loadMore: () => void;
  /** Takes out at once what was just decided; the next reading agrees. */
  drop: (ids: readonly string[]) => void;
  merge: (items: readonly QueuedMedia[]) => void;
};

type Shown = Pick<ReviewQueue, 'items' | 'nextCursor' | 'loading' | 'problem'>;

const pageSize = 50;
/** Events come in bursts; one reading a burst is enough. */
const burstMs = 250;
/** Nothing tells that somebody has claimed or released; that, and a lost stream, is noticed so soon. */
const pollMs = 5_000;

/** What waits under a view, kept as it is now. */
export function useReviewQueue(review: QueueView): ReviewQueue {
  const client = useClient();
  const { onEvent } = useLive();
  const [shown, setShown] = useState<Shown>({ items: [], nextCursor: null, loading: true, problem: null });
  const reading = useRef<AbortController | null>(null);

  const read = useCallback(
    async (cursor: string | null) => {
      reading.current?.abort();
      const own = new AbortController();
      reading.current = own;
      try {
        const page = await client.reviews.queue({ review, limit: pageSize, ...(cursor === null ? {} : { cursor }) }, { signal: own.signal });
        setShown(({ items }) => ({
          items: cursor === null ? renewItems(items, page.media, page.nextCursor !== null) : mergeItems(items, page.media),
          nextCursor: page.nextCursor,
          loading: false,
          problem: null,
        }));
      } catch (problem) {
        if (!own.signal.aborted) setShown((before) => ({ ...before, loading: false, problem }));
      }
    },
    [client, review],
  );

  useEffect(() => {
    setShown({ items: [], nextCursor: null, loading: true, problem: null });
    void read(null);
    const timer = setInterval(() => void (document.hidden || read(null)), pollMs);
    return () => {
      clearInterval(timer);
      reading.current?.abort();
    };
  }, [read]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onEvent(({ event }) => {
      if (event.endsWith('_progress')) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void read(null);
      }, burstMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [onEvent, read]);

  const { nextCursor } = shown;
  const loadMore = useCallback(() => void (nextCursor !== null && read(nextCursor)), [read, nextCursor]);
  const reload = useCallback(() => void read(null), [read]);
  const drop = useCallback((ids: readonly string[]) => {
    // A reading that is under way may have been answered before.
    reading.current?.abort();
    setShown((before) => ({ ...before, items: before.items.filter(({ id }) => !ids.includes(id)) }));
  }, []);
  const merge = useCallback((items: readonly QueuedMedia[]) => setShown((before) => ({ ...before, items: mergeItems(before.items, items) })), []);
  useAfterSignIn(reload);
  return { ...shown, loadMore, reload, drop, merge };
}
