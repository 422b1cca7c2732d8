import type { SafelightEvent } from '@safelight/client';
import { useCallback, useEffect, useRef, useState } from 'react';

import { useAfterSignIn } from '../session/use-after-sign-in.ts';
import { useLive } from './live.ts';
import { useRecovery } from './use-recovery.ts';

export type Page<Item> = { items: readonly Item[]; nextCursor: string | null };

export type PagedList<Item> = Page<Item> & {
  loading: boolean;
  problem: unknown;
  reload: () => void;
  loadMore: () => void;
  /** Changes what is shown, ahead of the next reading. */
  change: (to: (items: readonly Item[]) => readonly Item[]) => void;
  /** Gives up a reading that is under way, because it may have been answered before what is done now. */
  stopReading: () => void;
};

/** Keep all three between renders; another `readPage` begins the list anew. */
type Source<Item> = {
  readPage: (cursor: string | null, signal: AbortSignal) => Promise<Page<Item>>;
  /** What is shown when a page has come: the first one again, or the next. */
  join: (shown: readonly Item[], page: Page<Item>, isFirst: boolean) => readonly Item[];
  /** What an event makes of the items, where it says enough; null where the list has to be read again. */
  afterEvent: (event: SafelightEvent) => ((items: readonly Item[]) => readonly Item[]) | null;
};

/** Events come in bursts; one reading a burst is enough. */
const burstMs = 250;

/** A list on the server, page by page, kept as it is now by the events that tell of it. */
export function usePagedList<Item>({ readPage, join, afterEvent }: Source<Item>): PagedList<Item> {
  const { onEvent } = useLive();
  const [shown, setShown] = useState<Pick<PagedList<Item>, 'items' | 'nextCursor' | 'loading' | 'problem'>>(beginning);
  const reading = useRef<AbortController | null>(null);

  const read = useCallback(
    async (cursor: string | null) => {
      reading.current?.abort();
      const own = new AbortController();
      reading.current = own;
      try {
        const page = await readPage(cursor, own.signal);
        setShown(({ items }) => ({ items: join(items, page, cursor === null), nextCursor: page.nextCursor, loading: false, problem: null }));
      } catch (problem) {
        if (!own.signal.aborted) setShown((before) => ({ ...before, loading: false, problem }));
      }
    },
    [readPage, join],
  );
  const stopReading = useCallback(() => reading.current?.abort(), []);
  const change = useCallback((to: (items: readonly Item[]) => readonly Item[]) => setShown((before) => ({ ...before, items: to(before.items) })), []);

  useEffect(() => {
    setShown(beginning);
    void read(null);
    return stopReading;
  }, [read, stopReading]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onEvent((event) => {
      const changed = afterEvent(event);
      if (changed !== null) return change(changed);
      timer ??= setTimeout(() => {
        timer = undefined;
        void read(null);
      }, burstMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [onEvent, afterEvent, change, read]);

  const { nextCursor } = shown;
  const loadMore = useCallback(() => void (nextCursor !== null && read(nextCursor)), [read, nextCursor]);
  const reload = useCallback(() => void read(null), [read]);
  useAfterSignIn(reload);
  useRecovery(shown.problem, reload);
  return { ...shown, loadMore, reload, change, stopReading };
}

const beginning = { items: [], nextCursor: null, loading: true, problem: null };
