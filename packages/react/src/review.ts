'use client';
export { MediaReview, type MediaReviewProps } from './media-review.tsx';
export { useReviewQueue, type ReviewQueueOfHook, type ReviewQueueOptions } from './use-review-queue.ts';
export type { Decided, Decision, Queued, ReviewQueueSnapshot } from './review-snapshot.ts';
export { turnOf, type Turn } from './use-review.ts';
export { english, german, type ReviewLabels } from './review-labels.ts';
