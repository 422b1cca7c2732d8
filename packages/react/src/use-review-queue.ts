'use client';
import { useMemo, useSyncExternalStore } from 'react';

import { createReviewQueue, type ReviewQueueStore } from './review-queue.ts';
import { emptyQueue, type QueueQuery, type ReviewQueueSnapshot } from './review-snapshot.ts';
import { useSafelightClient, type ServiceOptions } from './use-client.ts';

export type ReviewQueueOptions = ServiceOptions & QueueQuery;
/** `getSnapshot` is what the hook has now: what an action has changed, before the component is rendered again. */
export type ReviewQueueOfHook = ReviewQueueSnapshot & Omit<ReviewQueueStore, 'subscribe'>;

/** The review queue, for a token with the scope `media:review`. */
export function useReviewQueue({ apiPrefix, serviceName, headers, collection, review }: ReviewQueueOptions = {}): ReviewQueueOfHook {
  const client = useSafelightClient({ apiPrefix, serviceName, headers });
  const queue = useMemo(
    () => createReviewQueue(client, { ...(collection === undefined ? {} : { collection }), ...(review === undefined ? {} : { review }) }),
    [client, collection, review],
  );
  const { subscribe, ...acts } = queue;
  return { ...useSyncExternalStore(subscribe, acts.getSnapshot, () => emptyQueue), ...acts };
}
