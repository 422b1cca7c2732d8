import type { ListReviewQueueQuery, Media, QueuedMedia, ReviewAttempt, ReviewClaim, ReviewDecision, ReviewQueue } from '@safelight/contract/api';

import { request, type AnswerOf, type CallOptions, type Connection } from './request.ts';

/** The moderators' queue. */
export interface ReviewsResource {
  /** One page, longest waiting first. */
  queue: (query?: ListReviewQueueQuery, options?: CallOptions) => Promise<ReviewQueue>;
  /** Claims the next unclaimed media; existing claims of the moderator count and are extended. */
  claim: (claim?: ReviewClaim, options?: CallOptions) => Promise<QueuedMedia[]>;
  /** Releases claims; without ids, all of the moderator's claims. */
  release: (ids?: string[], options?: CallOptions) => Promise<{ released: number }>;
  /** Resolves with the record after the decision. A record that another moderator has claimed is refused as `conflict`. */
  decide: (id: string, decision: ReviewDecision, options?: CallOptions) => Promise<Media>;
  /** Undoes a decision: the media waits again, claimed by the moderator who undid it. */
  undo: (id: string, options?: CallOptions) => Promise<Media>;
  /** Returns one result for each, in order; a refused one does not affect the others. */
  decideMany: (items: (ReviewDecision & { id: string })[], options?: CallOptions) => Promise<AnswerOf<'decideReviews'>['results']>;
  /** All review requests and answers about a record, newest first. */
  attempts: (id: string, options?: CallOptions) => Promise<ReviewAttempt[]>;
}

/** @internal */
export function reviewsResource(connection: Connection): ReviewsResource {
  return {
    queue: (query = {}, options = {}) => request(connection, 'listReviewQueue', { ...options, query }),
    claim: async (claim = {}, options = {}) => (await request(connection, 'claimReviews', { ...options, body: claim })).media,
    release: (ids, options = {}) => request(connection, 'releaseReviews', { ...options, body: ids === undefined ? {} : { ids } }),
    decide: async (id, decision, options = {}) => (await request(connection, 'decideReview', { ...options, params: { id }, body: decision })).media,
    undo: async (id, options = {}) => (await request(connection, 'undoReview', { ...options, params: { id } })).media,
    decideMany: async (items, options = {}) => (await request(connection, 'decideReviews', { ...options, body: { items } })).results,
    attempts: async (id, options = {}) => (await request(connection, 'listReviewAttempts', { ...options, params: { id } })).attempts,
  };
}
