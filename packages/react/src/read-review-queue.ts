'use client';
import { asProblem, type Client } from '@safelight/client';

import type { QueueQuery, Queued, ReviewQueueSnapshot } from './review-snapshot.ts';

export type QueueState = { change: (part: Partial<ReviewQueueSnapshot>) => void; getSnapshot: () => ReviewQueueSnapshot };

export type QueueReader = {
  begin: () => void;
  end: () => void;
  reload: () => void;
  loadMore: () => void;
  /** Reads soon, not at once: events come in bursts, and one read for each burst is enough. */
  soon: () => void;
  /** Aborts a read that may have been answered before the current action. */
  stop: () => void;
  /** The item whose decision we undid: the server claims it for us, so the next read shows our id on the server. */
  claimed: (ids: readonly string[]) => void;
};

const burstMs = 250;
/** No event reports claims and releases; polling at this interval notices them. */
const pollMs = 5_000;

/** Reads the queue page by page; a newer read aborts an older one. */
export function readerOf(client: Client, query: QueueQuery, { change, getSnapshot }: QueueState): QueueReader {
  let cursor: string | null = null;
  let reading: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;
  let unfollow: (() => void) | undefined;
  const ours = new Set<string>();
  const meIn = (page: readonly Queued[]): string | null => getSnapshot().me ?? page.find(({ id, claim }) => claim !== null && ours.has(id))?.claim?.by ?? null;
  const read = async (isFirst: boolean): Promise<void> => {
    reading?.abort();
    const own = new AbortController();
    reading = own;
    change({ isLoading: true });
    try {
      const page = await client.reviews.queue({ ...query, ...(isFirst || cursor === null ? {} : { cursor }) }, { signal: own.signal });
      if (own.signal.aborted) return;
      const { items } = getSnapshot();
      // Items of further pages stay, and the next page continues where they ended.
      if (!isFirst || page.nextCursor === null || items.length <= page.media.length) cursor = page.nextCursor;
      const joined = isFirst ? renewed(items, page.media, page.nextCursor !== null) : merged(items, page.media);
      change({ items: joined, total: page.total, presets: page.presets, isLoading: false, hasMore: cursor !== null, me: meIn(page.media), error: null });
    } catch (error) {
      if (!own.signal.aborted) change({ isLoading: false, error: asProblem(error) });
    }
  };
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void read(true);
    }, burstMs);
  };
  return {
    soon,
    stop: () => reading?.abort(),
    claimed(ids) {
      for (const id of ids) ours.add(id);
    },
    reload: () => void read(true),
    loadMore: () => void (cursor === null || getSnapshot().isLoading || read(false)),
    begin() {
      void read(true);
      poll = setInterval(() => void (globalThis.document?.hidden || getSnapshot().isBusy || read(true)), pollMs);
      // Progress events change nothing in the queue.
      unfollow = client.events.subscribe({ onEvent: ({ event }) => void (event.endsWith('_progress') || soon()) });
    },
    end() {
      reading?.abort();
      clearTimeout(timer);
      clearInterval(poll);
      timer = undefined;
      unfollow?.();
    },
  };
}

/**
 * The queue after its first page was read again. An unchanged record keeps its URLs, so that no picture flickers, although each read
 * signs new ones. Items of further pages stay; their ids, which begin with the time, show that they are further down.
 */
function renewed(before: readonly Queued[], page: readonly Queued[], hasMore: boolean): Queued[] {
  const known = new Map(before.map((item) => [item.id, item]));
  const first = page.map((item) => {
    const same = known.get(item.id);
    return same?.version === item.version && same.review === item.review ? { ...same, claim: item.claim } : item;
  });
  const last = page.at(-1)?.id;
  return hasMore && last !== undefined ? [...first, ...before.filter(({ id }) => id > last)] : first;
}

/** Adds records that are new to the queue, or updates those that it has. */
export function merged(before: readonly Queued[], given: readonly Queued[]): Queued[] {
  const ids = new Set(given.map(({ id }) => id));
  return [...before.filter(({ id }) => !ids.has(id)), ...given].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
