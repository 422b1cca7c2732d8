import type { ReviewDecision } from '@safelight/contract/api';

import { request, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type ReviewQueueQuery = NonNullable<RequestInput<'listReviewQueue'>['query']>;
export type ReviewClaim = NonNullable<RequestInput<'claimReviews'>['body']>;
export type Decision = ReviewDecision;

export type ReviewsResource = ReturnType<typeof reviewsResource>;

/** The moderators' queue. */
export function reviewsResource(connection: Connection) {
  return {
    /** One page, longest waiting first. */
    queue: (query: ReviewQueueQuery = {}, options: CallOptions = {}) => request(connection, 'listReviewQueue', { ...options, query }),
    /** Takes the next that nobody has; what was claimed before counts and is prolonged. */
    claim: async (claim: ReviewClaim = {}, options: CallOptions = {}) => (await request(connection, 'claimReviews', { ...options, body: claim })).media,
    /** Gives back what was claimed; all of it without ids. */
    release: (ids?: string[], options: CallOptions = {}) => request(connection, 'releaseReviews', { ...options, body: ids === undefined ? {} : { ids } }),
    /** Resolves with the record as it is after the decision. What another moderator has claimed is refused as `conflict`. */
    decide: async (id: string, decision: Decision, options: CallOptions = {}) =>
      (await request(connection, 'decideReview', { ...options, params: { id }, body: decision })).media,
    /** Takes a decision back: it waits again, claimed by the moderator who took it back. */
    undo: async (id: string, options: CallOptions = {}) => (await request(connection, 'undoReview', { ...options, params: { id } })).media,
    /** One result for each, in order; one that is refused refuses no other. */
    decideMany: async (items: (Decision & { id: string })[], options: CallOptions = {}) =>
      (await request(connection, 'decideReviews', { ...options, body: { items } })).results,
    /** Everything that was asked and answered about a record, newest first. */
    attempts: async (id: string, options: CallOptions = {}) => (await request(connection, 'listReviewAttempts', { ...options, params: { id } })).attempts,
  };
}
