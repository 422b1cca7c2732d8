'use client';
import { useMemo, useSyncExternalStore } from 'react';

import { createReviewQueue, emptyQueue, type QueueQuery, type ReviewQueueSnapshot, type ReviewQueueStore } from './review-queue.ts';
import { useSafelightClient, type ServiceOptions } from './use-client.ts';

export type ReviewQueueOptions = ServiceOptions & QueueQuery;
export type ReviewQueueOfHook = ReviewQueueSnapshot & Pick<ReviewQueueStore, 'reload' | 'loadMore' | 'decide' | 'undo'>;

/** The moderators' queue, for a token with the scope `media:review`. */
export function useReviewQueue({ apiPrefix, serviceName, headers, collection, review }: ReviewQueueOptions = {}): ReviewQueueOfHook {
  const client = useSafelightClient({ apiPrefix, serviceName, headers });
  const queue = useMemo(
    () => createReviewQueue(client, { ...(collection === undefined ? {} : { collection }), ...(review === undefined ? {} : { review }) }),
    [client, collection, review],
  );
  const snapshot = useSyncExternalStore(queue.subscribe, queue.getSnapshot, () => emptyQueue);
  const { reload, loadMore, decide, undo } = queue;
  return { ...snapshot, reload, loadMore, decide, undo };
}
