'use client';
import { createStore, type Client, type SafelightProblem, type Store } from '@safelight/client';

import { asError } from './as-error.ts';

export type QueueQuery = { collection?: string | undefined; review?: 'queued' | 'failed' | 'rejected' | undefined };
type Decision = Parameters<Client['reviews']['decide']>[1];
type Page = Awaited<ReturnType<Client['reviews']['queue']>>;
/** What waits, and who is looking at it. */
export type Queued = Page['media'][number];

export type ReviewQueueSnapshot = {
  items: readonly Queued[];
  /** On all pages; the server counts as far as 5,000. */
  total: number;
  /** Reasons that moderators give often, as the server is configured. */
  presets: readonly string[];
  isLoading: boolean;
  hasMore: boolean;
  /** While a decision is on its way: the next one would be about what nobody has looked at yet. */
  isDeciding: boolean;
  /** What was decided last and can be taken back. */
  last: { item: Queued; decision: Decision['decision'] } | null;
  error: SafelightProblem | null;
};

export type ReviewQueueStore = Store<ReviewQueueSnapshot> & {
  reload: () => void;
  loadMore: () => void;
  /** False where it was refused: somebody else may have been faster. */
  decide: (id: string, decision: Decision['decision'], reason?: string) => Promise<boolean>;
  /** Takes the last decision back. */
  undo: () => Promise<boolean>;
};

export const emptyQueue: ReviewQueueSnapshot = {
  items: [],
  total: 0,
  presets: [],
  isLoading: true,
  hasMore: false,
  isDeciding: false,
  last: null,
  error: null,
};
/** Events come in bursts; one reading a burst is enough. */
const burstMs = 250;

type State = Pick<ReturnType<typeof createStore<ReviewQueueSnapshot>>, 'change' | 'getSnapshot'>;

/** Reads the queue page by page; a reading that is overtaken is given up. */
function readerOf(client: Client, query: QueueQuery, { change, getSnapshot }: State) {
  let cursor: string | null = null;
  let reading: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = async (isFirst: boolean): Promise<void> => {
    reading?.abort();
    const own = new AbortController();
    reading = own;
    change({ isLoading: true });
    try {
      const page = await client.reviews.queue({ ...query, ...(isFirst || cursor === null ? {} : { cursor }) }, { signal: own.signal });
      if (own.signal.aborted) return;
      cursor = page.nextCursor;
      const items = joined(getSnapshot().items, page.media, isFirst);
      change({ items, total: page.total, presets: page.presets, isLoading: false, hasMore: cursor !== null, error: null });
    } catch (error) {
      if (!own.signal.aborted) change({ isLoading: false, error: asError(error) });
    }
  };
  return {
    reload: () => void read(true),
    loadMore: () => void (cursor === null || getSnapshot().isLoading || read(false)),
    soon(): void {
      timer ??= setTimeout(() => {
        timer = undefined;
        void read(true);
      }, burstMs);
    },
    stop: () => reading?.abort(),
    end(): void {
      reading?.abort();
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** Decides and takes back, one thing at a time; what fails is told of, and the queue read again. */
function decisionsOf(client: Client, { change, getSnapshot }: State, { stop, soon }: ReturnType<typeof readerOf>): Pick<ReviewQueueStore, 'decide' | 'undo'> {
  const made: NonNullable<ReviewQueueSnapshot['last']>[] = [];
  const attempt = async (act: () => Promise<void>): Promise<boolean> => {
    if (getSnapshot().isDeciding) return false;
    change({ isDeciding: true, error: null });
    try {
      await act();
      return true;
    } catch (error) {
      change({ error: asError(error) });
      return false;
    } finally {
      change({ isDeciding: false, last: made.at(-1) ?? null });
      soon();
    }
  };
  return {
    decide: async (id, decision, reason) =>
      await attempt(async () => {
        await client.reviews.decide(id, { decision, ...(reason ? { reason } : {}) });
        const { items, total } = getSnapshot();
        const item = items.find((one) => one.id === id);
        if (item) made.push({ item, decision });
        stop();
        change({ items: items.filter((one) => one !== item), total: Math.max(0, total - 1) });
      }),
    undo: async () =>
      await attempt(async () => {
        const last = made.at(-1);
        if (!last) return;
        await client.reviews.undo(last.item.id);
        made.pop();
        stop();
        const { items, total } = getSnapshot();
        change({ items: [...items, last.item].toSorted((a, b) => (a.id < b.id ? -1 : 1)), total: total + 1 });
      }),
  };
}

/** The moderators' queue, longest waiting first, kept as it is now for as long as somebody looks. */
export function createReviewQueue(client: Client, query: QueueQuery): ReviewQueueStore {
  const { change, subscribe, getSnapshot } = createStore<ReviewQueueSnapshot>(emptyQueue);
  const reader = readerOf(client, query, { change, getSnapshot });
  let watchers = 0;
  let unfollow: (() => void) | undefined;
  return {
    getSnapshot,
    subscribe(listener) {
      const stop = subscribe(listener);
      watchers += 1;
      if (watchers === 1) {
        reader.reload();
        unfollow = client.events.subscribe({ onEvent: ({ event }) => void (event.endsWith('_progress') || reader.soon()) });
      }
      return () => {
        stop();
        watchers -= 1;
        if (watchers > 0) return;
        reader.end();
        unfollow?.();
      };
    },
    reload: reader.reload,
    loadMore: reader.loadMore,
    ...decisionsOf(client, { change, getSnapshot }, reader),
  };
}

/** A record that has not changed keeps its addresses, so that no picture flickers: each reading signs them anew. */
function joined(before: readonly Queued[], page: readonly Queued[], isFirst: boolean): readonly Queued[] {
  const known = new Map(before.map((item) => [item.id, item]));
  const renewed = page.map((item) => {
    const same = known.get(item.id);
    return same?.version === item.version ? { ...same, claim: item.claim } : item;
  });
  if (isFirst) return renewed;
  const ids = new Set(page.map(({ id }) => id));
  return [...before.filter(({ id }) => !ids.has(id)), ...renewed];
}
