import { z } from 'zod';

import { policyRulesSchema } from './media-rules.ts';

/** What happens to existing photos when the gate is turned on: they wait for a review, or they count as approved. */
export const reviewExistingChoices = ['review', 'grandfather'] as const;
export type ReviewExisting = (typeof reviewExistingChoices)[number];
const reviewExisting = z.enum(reviewExistingChoices);

/** Read-only fields that GET returns besides the rules; they are ignored if they are sent back. */
const described = { collection: z.string(), version: z.int(), updatedAt: z.iso.datetime(), updatedBy: z.string() };

const wholePolicySchema = z
  .strictObject({
    ...policyRulesSchema.shape,
    ...z.object(described).partial().shape,
    reviewExisting: reviewExisting
      .optional()
      .meta({ description: 'Only when the gate is closed: whether existing photos wait for a review (the default) or pass without one.' }),
  })
  .meta({ id: 'PolicyChange', description: 'The whole policy. The answer of GET may be sent back unchanged: descriptive keys are ignored.' });

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Also accepts the body of a GET response with its wrapper. */
export const policyChangeSchema = z.preprocess(
  (body) => {
    if (!isObject(body) || !isObject(body['policy'])) return body;
    const { policy, ...beside } = body;
    return { ...beside, ...policy };
  },
  wholePolicySchema.transform(({ collection: _collection, version: _version, updatedAt: _updatedAt, updatedBy: _updatedBy, ...policy }) => policy),
);
export type PolicyChange = z.output<typeof policyChangeSchema>;
export const policyChangeQuerySchema = z.strictObject({ reviewExisting: reviewExisting.optional() });

export const policyHistorySchema = z
  .object({
    changes: z.array(
      z.object({
        id: z.uuid(),
        at: z.iso.datetime(),
        by: z.string(),
        changed: z.array(z.string()),
        before: z.record(z.string(), z.unknown()).nullable().meta({ description: 'Null for the first values, which came from the configuration.' }),
        after: z.record(z.string(), z.unknown()),
        reviewExisting: reviewExisting.nullable(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'PolicyHistory', description: 'Newest first.' });
export type PolicyHistory = z.output<typeof policyHistorySchema>;
