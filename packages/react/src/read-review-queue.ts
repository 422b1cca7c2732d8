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
const pageSize = 50;

/** What was read, and how far. */
type Pages = { media: readonly Queued[]; cursor: string | null; count: number; total: number; presets: readonly string[] };
const noPages: Pages = { media: [], cursor: null, count: 0, total: 0, presets: [] };

/** Reads further pages until there are `wanted` of them. */
async function readOn(client: Client, query: QueueQuery, { media, cursor, count }: Pages, wanted: number, signal: AbortSignal): Promise<Pages> {
  const page = await client.reviews.queue({ ...query, limit: pageSize, ...(cursor === null ? {} : { cursor }) }, { signal });
  // A record may be on two pages, if one was decided on between their reads.
  const pages = { ...page, media: merged(media, page.media), cursor: page.nextCursor, count: count + 1 };
  return pages.cursor !== null && pages.count < wanted ? await readOn(client, query, pages, wanted, signal) : pages;
}

/** Reads the queue page by page, and keeps it up to date from `begin` to `end`. */
export function readerOf(client: Client, query: QueueQuery, state: QueueState): QueueReader {
  const { read, stop, reload, loadMore, claimed } = pagesOf(client, query, state);
  let isFollowed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;
  let unfollow: (() => void) | undefined;
  const soon = (): void => {
    if (isFollowed)
      timer ??= setTimeout(() => {
        timer = undefined;
        renew();
      }, burstMs);
  };
  /** A read beside an action may be answered before it, and one beside `loadMore` would abort that. */
  const renew = (): void => {
    const { isBusy, isLoading } = state.getSnapshot();
    if (isBusy || isLoading) soon();
    else read();
  };
  return {
    soon,
    stop,
    claimed,
    reload,
    loadMore,
    begin() {
      isFollowed = true;
      reload();
      poll = setInterval(() => void (globalThis.document?.hidden || renew()), pollMs);
      // Progress events change nothing in the queue.
      unfollow = client.events.subscribe({ onEvent: ({ event }) => void (event.endsWith('_progress') || soon()) });
    },
    end() {
      isFollowed = false;
      stop();
      clearTimeout(timer);
      clearInterval(poll);
      timer = undefined;
      unfollow?.();
    },
  };
}

/** Reads as many pages as are shown; a newer read aborts an older one. */
function pagesOf(client: Client, query: QueueQuery, { change, getSnapshot }: QueueState) {
  let pages = noPages;
  let wanted = 1;
  let reading: AbortController | null = null;
  const ours = new Set<string>();
  const meIn = (page: readonly Queued[]): string | null => getSnapshot().me ?? page.find(({ id, claim }) => claim !== null && ours.has(id))?.claim?.by ?? null;
  const readFrom = async (from: Pages, isLoading: boolean): Promise<void> => {
    reading?.abort();
    const { signal } = (reading = new AbortController());
    change({ isLoading });
    try {
      const now = await readOn(client, query, from, wanted, signal);
      if (signal.aborted) return;
      pages = now;
      const { media, cursor, total, presets } = now;
      const items = renewed(getSnapshot().items, media, cursor !== null);
      change({ items, total, presets, isLoading: false, hasMore: cursor !== null, me: meIn(media), error: null });
    } catch (error) {
      if (!signal.aborted) change({ isLoading: false, error: asProblem(error) });
    }
  };
  return {
    read: () => void readFrom(noPages, false),
    reload: () => void readFrom(noPages, true),
    loadMore() {
      if (pages.cursor === null || getSnapshot().isLoading) return;
      wanted = pages.count + 1;
      // Without those that were decided on since.
      void readFrom({ ...pages, media: getSnapshot().items }, true);
    },
    stop() {
      reading?.abort();
      if (getSnapshot().isLoading) change({ isLoading: false });
    },
    claimed(ids: readonly string[]) {
      for (const id of ids) ours.add(id);
    },
  };
}

/**
 * The queue after it was read again. An unchanged record keeps its URLs, so that no picture flickers, although each read signs new ones.
 * Items claimed from beyond the pages that were read stay; their ids, which begin with the time, show that they are further down.
 */
function renewed(before: readonly Queued[], read: readonly Queued[], hasMore: boolean): Queued[] {
  const known = new Map(before.map((item) => [item.id, item]));
  const items = read.map((item) => {
    const same = known.get(item.id);
    return same?.version === item.version && same.review === item.review ? { ...same, claim: item.claim } : item;
  });
  const last = read.at(-1)?.id;
  return hasMore && last !== undefined ? [...items, ...before.filter(({ id }) => id > last)] : items;
}

/** Adds records that are new to the queue, or updates those that it has. */
export function merged(before: readonly Queued[], given: readonly Queued[]): Queued[] {
  const ids = new Set(given.map(({ id }) => id));
  return [...before.filter(({ id }) => !ids.has(id)), ...given].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
