import { z } from 'zod';

import {
  bulkDecisionsAnswerSchema,
  bulkDecisionsSchema,
  queuedMediaSchema,
  reviewAttemptSchema,
  reviewClaimSchema,
  reviewDecisionSchema,
  reviewQueueQuerySchema,
  reviewQueueSchema,
  reviewReleaseSchema,
} from '../reviews.ts';
import { mediaSchema } from '../media.ts';
import { id, ifMatch, type Operation } from './operation.ts';

export const reviewOperations = {
  decideReview: {
    method: 'POST',
    path: '/media/{id}/review',
    summary: 'Decide whether it may be shown; a rejection hides at once',
    tag: 'Review',
    scope: 'public',
    params: id,
    query: z
      .strictObject({ revision: z.uuid().optional(), signature: z.string().max(400).optional() })
      .meta({ description: 'As in the callback URL that a review webhook was given; it needs no token.' }),
    headers: ifMatch,
    body: reviewDecisionSchema,
    answers: { 200: z.object({ media: mediaSchema }) },
    errors: ['unauthenticated', 'forbidden', 'conflict', 'gone', 'precondition_failed'],
  },
  undoReview: {
    method: 'DELETE',
    path: '/media/{id}/review',
    summary: 'Take a decision back: it waits again, hidden, claimed by the moderator who took it back',
    tag: 'Review',
    scope: 'media:review',
    params: id,
    headers: ifMatch,
    answers: { 200: z.object({ media: mediaSchema }) },
    errors: ['conflict', 'gone', 'precondition_failed'],
  },
  decideReviews: {
    method: 'POST',
    path: '/review/decisions',
    summary: 'Decide on many; one that is refused refuses no other',
    tag: 'Review',
    scope: 'media:review',
    body: bulkDecisionsSchema,
    answers: { 207: bulkDecisionsAnswerSchema },
  },
  listReviewQueue: {
    method: 'GET',
    path: '/review/queue',
    summary: 'What waits for a decision, longest waiting first',
    tag: 'Review',
    scope: 'media:review',
    query: reviewQueueQuerySchema,
    answers: { 200: reviewQueueSchema },
  },
  claimReviews: {
    method: 'POST',
    path: '/review/queue/claim',
    summary: 'Take the next for a while: nobody else decides on them meanwhile',
    tag: 'Review',
    scope: 'media:review',
    body: reviewClaimSchema,
    answers: { 200: z.object({ media: z.array(queuedMediaSchema) }) },
  },
  releaseReviews: {
    method: 'POST',
    path: '/review/queue/release',
    summary: 'Give back what was claimed',
    tag: 'Review',
    scope: 'media:review',
    body: reviewReleaseSchema,
    answers: { 200: z.object({ released: z.int() }) },
  },
  listReviewAttempts: {
    method: 'GET',
    path: '/media/{id}/reviews',
    summary: 'Everything that was asked and answered about it, newest first',
    tag: 'Review',
    scope: 'media:review',
    params: id,
    answers: { 200: z.object({ attempts: z.array(reviewAttemptSchema) }) },
  },
} as const satisfies Record<string, Operation>;
