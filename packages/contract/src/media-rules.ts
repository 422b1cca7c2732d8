import { z } from 'zod';

import { mostInBatch } from './limits.ts';
import { kinds } from './kinds.ts';

// Separate from the schemas, so that a browser can check files without loading them.

export const reviewProviders = ['disabled', 'manual', 'gemini', 'openai', 'webhook'] as const;

/** Higher than any screen can show. */
const mostFps = 240;

/** The policy of one collection: the values that a manager can change while the product runs. Null means no limit. */
export const policyRulesSchema = z
  .strictObject({
    batchSize: z.int().min(1).max(mostInBatch).meta({ description: 'Files in one request.' }),
    maxBytes: z.int().min(1).meta({ description: 'Bytes in one file.' }),
    minWidth: z.int().min(1).nullable().meta({ description: 'Pixels, upright.' }),
    minHeight: z.int().min(1).nullable().meta({ description: 'Pixels, upright.' }),
    minAspectRatio: z.number().positive().nullable().meta({ description: 'Width divided by height, upright.' }),
    maxAspectRatio: z.number().positive().nullable().meta({ description: 'Width divided by height, upright.' }),
    maxMegapixels: z.number().positive().nullable().meta({ description: 'Millions of pixels, decoded.' }),
    maxDurationMs: z.int().positive().nullable().meta({ description: 'Length of a recording.' }),
    maxFps: z.number().min(1).max(mostFps).default(mostFps).meta({ description: 'Average frames per second of a video.' }),
    maxVideoBitrate: z.int().min(1).nullable().default(null).meta({ description: 'Average bits per second of the picture of a video.' }),
    requireAudio: z.boolean().default(false).meta({ description: 'Whether a video without sound is refused.' }),
    maxItems: z.int().min(1).nullable().meta({ description: 'Assets that an entity may hold in this collection.' }),
    acceptedTypes: z
      .array(z.string().regex(/^[a-z]+\/[a-z0-9.+*-]+$|^\*\/\*$/, 'must be a media type in small letters, like image/jpeg, image/* or */*'))
      .min(1)
      .meta({ description: 'Accepted media types, detected from the bytes; `image/*` and `*/*` are wildcards.' }),
    undoWindowSeconds: z
      .int()
      .min(0)
      .max(30 * 86_400)
      .meta({ description: 'How long a deletion can be undone.' }),
    photoReviewEnabled: z.boolean().meta({ description: 'Whether a photo stays hidden until a review approves it.' }),
    photoReviewProvider: z.enum(reviewProviders).meta({ description: 'The reviewer; with `disabled` every review fails, into the owner’s tray.' }),
  })
  .meta({ id: 'PolicyRules' });
export type PolicyRules = z.infer<typeof policyRulesSchema>;

export const policySchema = policyRulesSchema
  .extend({ collection: z.string(), version: z.int(), updatedAt: z.iso.datetime(), updatedBy: z.string() })
  .meta({ id: 'Policy', description: 'Replaced as a whole: PUT sends what GET answered, with some values changed.' });
export type Policy = z.infer<typeof policySchema>;

/** What a client can check before it uploads: the current values of the policy, and the types that the collection accepts. */
export const mediaRulesSchema = policyRulesSchema
  .omit({ photoReviewProvider: true })
  .extend({
    collection: z.string(),
    entityType: z.string().nullable(),
    kinds: z.array(z.enum(kinds)),
    purposes: z.array(z.string()),
    ingest: z.enum(['inline', 'queued']),
    unavailableTypes: z
      .array(z.object({ type: z.string(), reason: z.string() }))
      .meta({ description: 'Accepted by the policy, but not decodable on this machine.' }),
    maxRecordingBytes: z.int().nullable().meta({ description: 'The byte limit for video and sound, if it is lower on this machine than for other files.' }),
    isDefault: z.boolean().meta({ description: 'Whether this is the default collection.' }),
    version: z.int(),
  })
  .meta({ id: 'MediaRules' });
export type MediaRules = z.infer<typeof mediaRulesSchema>;
