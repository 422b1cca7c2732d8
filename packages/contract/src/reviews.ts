import { z } from 'zod';

import { optional, pageFields } from './fields.ts';
import { mostChars, mostQueuedCounted } from './limits.ts';
import { mediaSchema } from './media.ts';

export const reviewDecisions = ['approved', 'rejected'] as const;
export type ReviewDecision = (typeof reviewDecisions)[number];

export const reviewDecisionSchema = z
  .strictObject({ decision: z.enum(reviewDecisions), reason: optional(z.string().max(mostChars.decisionReason)) })
  .meta({ id: 'ReviewDecision', description: 'The owner can read the reason.' });

export const reviewQueueQuerySchema = z.strictObject({
  collection: z.string().max(mostChars.collection).optional(),
  review: z.enum(['queued', 'failed', 'rejected']).default('queued').meta({ description: 'Waiting media; or those whose review failed, or rejected ones.' }),
  ...pageFields,
});
export const queuedMediaSchema = mediaSchema.extend({ claim: z.object({ by: z.string(), until: z.iso.datetime() }).nullable() }).meta({ id: 'QueuedMedia' });
export type QueuedMedia = z.output<typeof queuedMediaSchema>;
export const reviewQueueSchema = z
  .object({
    media: z.array(queuedMediaSchema),
    nextCursor: z.string().nullable(),
    total: z.int().meta({ description: `The number on all pages; counted up to ${mostQueuedCounted.toLocaleString('en')}, which also means more.` }),
    presets: z.array(z.string()).meta({ description: 'Reasons in `review.presets` of the configuration, one for each key.' }),
  })
  .meta({ id: 'ReviewQueue', description: 'Longest waiting first.' });

export const reviewClaimSchema = z
  .strictObject({
    collection: z.string().max(mostChars.collection).optional(),
    limit: z.int().min(1).max(100).default(10),
    seconds: z.int().min(10).max(3600).default(600),
  })
  .meta({ id: 'ReviewClaim', description: 'Claims the next unclaimed media for a while, so that nobody else decides on them.' });
export const reviewReleaseSchema = z
  .strictObject({ ids: z.array(z.uuid()).max(1000).optional() })
  .meta({ id: 'ReviewRelease', description: 'Releases claimed media; without ids, all of them.' });

export const bulkDecisionsSchema = z
  .strictObject({
    items: z
      .array(reviewDecisionSchema.extend({ id: z.uuid() }))
      .min(1)
      .max(200),
  })
  .meta({ id: 'BulkDecisions' });
export const bulkDecisionsAnswerSchema = z.object({
  results: z.array(z.object({ id: z.uuid(), status: z.int(), media: mediaSchema.optional(), problem: z.record(z.string(), z.unknown()).optional() })),
});

export const reviewAttemptSchema = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    provider: z.string(),
    model: z.string().nullable(),
    outcome: z.enum(['approved', 'rejected', 'failed', 'waiting']),
    categories: z.array(z.string()),
    scores: z.record(z.string(), z.number()),
    reason: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    latencyMs: z.int().nullable(),
    costUnits: z.number().nullable(),
    revision: z.uuid(),
    decidedBy: z.string().nullable(),
  })
  .meta({ id: 'ReviewAttempt' });
export type ReviewAttempt = z.output<typeof reviewAttemptSchema>;
