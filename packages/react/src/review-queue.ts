'use client';
import { createStore, type Client, type Store } from '@safelight/client';

import { readerOf } from './read-review-queue.ts';
import { actsOf, type ReviewActs } from './review-acts.ts';
import { emptyQueue, type QueueQuery, type ReviewQueueSnapshot } from './review-snapshot.ts';

export type ReviewQueueStore = Store<ReviewQueueSnapshot> & ReviewActs & { reload: () => void; loadMore: () => void };

/** The review queue, longest waiting first, kept up to date while something subscribes. */
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
