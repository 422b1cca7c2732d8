'use client';
import { createStore, type Client, type SafelightProblem, type Store } from '@safelight/client';

import { readerOf } from './read-review-queue.ts';
import { actsOf, type ReviewActs } from './review-acts.ts';

export type QueueQuery = { collection?: string | undefined; review?: 'queued' | 'failed' | 'rejected' | undefined };
type Page = Awaited<ReturnType<Client['reviews']['queue']>>;
export type Decision = Parameters<Client['reviews']['decide']>[1]['decision'];
/** What waits, and who is looking at it. */
export type Queued = Page['media'][number];
/** What was decided at once: one, or those that were ticked. */
export type Decided = { items: readonly Queued[]; decision: Decision };

export type ReviewQueueSnapshot = {
  items: readonly Queued[];
  /** On all pages; the server counts as far as 5,000. */
  total: number;
  /** Reasons that moderators give often, as the server is configured. */
  presets: readonly string[];
  isLoading: boolean;
  hasMore: boolean;
  /** While something is on its way: the next one would be about what nobody has looked at yet. */
  isBusy: boolean;
  /** What was decided last and can be taken back. */
  last: Decided | null;
  /** What the server calls this moderator, once it has said it. */
  me: string | null;
  error: SafelightProblem | null;
};

export type ReviewQueueStore = Store<ReviewQueueSnapshot> & ReviewActs & { reload: () => void; loadMore: () => void };

export const emptyQueue: ReviewQueueSnapshot = {
  items: [],
  total: 0,
  presets: [],
  isLoading: true,
  hasMore: false,
  isBusy: false,
  last: null,
  me: null,
  error: null,
};

/** The moderators' queue, longest waiting first, kept as it is now for as long as somebody looks. */
export function createReviewQueue(client: Client, query: QueueQuery): ReviewQueueStore {
  const { change, subscribe, getSnapshot } = createStore<ReviewQueueSnapshot>(emptyQueue);
  const reader = readerOf(client, query, { change, getSnapshot });
  let watchers = 0;
  return {
    getSnapshot,
    subscribe(listener) {
      const stop = subscribe(listener);
      watchers += 1;
      if (watchers === 1) reader.begin();
      return () => {
        stop();
        watchers -= 1;
        if (watchers === 0) reader.end();
      };
    },
    reload: reader.reload,
    loadMore: reader.loadMore,
    ...actsOf(client, query, { change, getSnapshot }, reader),
  };
}
