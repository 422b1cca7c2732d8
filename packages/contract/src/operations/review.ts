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
    summary: 'Approve or reject a record; a rejection hides it at once',
    tag: 'Review',
    scope: 'public',
    params: id,
    query: z
      .strictObject({ revision: z.uuid().optional(), signature: z.string().max(400).optional() })
      .meta({ description: 'From the callback URL of a review webhook; needs no token.' }),
    headers: ifMatch,
    body: reviewDecisionSchema,
    answers: { 200: z.object({ media: mediaSchema }) },
    errors: ['unauthenticated', 'forbidden', 'conflict', 'gone', 'precondition_failed'],
  },
  undoReview: {
    method: 'DELETE',
    path: '/media/{id}/review',
    summary: 'Take a decision back: the record waits again, hidden, claimed by the moderator who took it back',
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
    summary: 'Decide on many records at once; one refusal does not affect the others',
    tag: 'Review',
    scope: 'media:review',
    body: bulkDecisionsSchema,
    answers: { 207: bulkDecisionsAnswerSchema },
  },
  listReviewQueue: {
    method: 'GET',
    path: '/review/queue',
    summary: 'List the media that wait for a decision, longest waiting first',
    tag: 'Review',
    scope: 'media:review',
    query: reviewQueueQuerySchema,
    answers: { 200: reviewQueueSchema },
  },
  claimReviews: {
    method: 'POST',
    path: '/review/queue/claim',
    summary: 'Claim the next media of the queue for a while: nobody else decides on them meanwhile',
    tag: 'Review',
    scope: 'media:review',
    body: reviewClaimSchema,
    answers: { 200: z.object({ media: z.array(queuedMediaSchema) }) },
  },
  releaseReviews: {
    method: 'POST',
    path: '/review/queue/release',
    summary: 'Release claimed media',
    tag: 'Review',
    scope: 'media:review',
    body: reviewReleaseSchema,
    answers: { 200: z.object({ released: z.int() }) },
  },
  listReviewAttempts: {
    method: 'GET',
    path: '/media/{id}/reviews',
    summary: 'List the review attempts of a record, newest first',
    tag: 'Review',
    scope: 'media:review',
    params: id,
    answers: { 200: z.object({ attempts: z.array(reviewAttemptSchema) }) },
  },
} as const satisfies Record<string, Operation>;
