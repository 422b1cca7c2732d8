import { policyRulesSchema } from '@safelight/contract/media-rules';
import { z } from 'zod';

import { SafelightError } from '../lib/errors.ts';

const outputRule = z.strictObject({
  role: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
  maxSide: z.int().min(1).max(16_384),
  format: z.enum(['source', 'webp', 'jpeg', 'png', 'avif']),
  quality: z.int().min(1).max(100),
  effort: z.int().min(0).max(9).optional(),
  animated: z.boolean(),
});

const kind = z.enum(['image', 'video', 'audio', 'file']);

export const collectionSchema = z.strictObject({
  /** What its assets belong to; null when they belong to their owner alone. */
  entityType: z.string().min(1).nullable(),
  kinds: z.array(kind).min(1),
  /** The first is the default. */
  purposes: z.array(z.string().min(1)).min(1),
  /** Purposes that at most one asset of an entity has. */
  singlePurposes: z.array(z.string()).default([]),
  ingest: z.enum(['inline', 'queued']),
  keepSource: z.boolean(),
  visibility: z.enum(['public', 'unlisted', 'owner', 'grant']),
  /** Whether the policy may ask for a review before anything is shown. */
  gate: z.enum(['none', 'policy']),
  managersOnly: z.boolean().default(false),
  /** Replaces `media` at the start of every key, so that listings of others never meet these objects. */
  keyPrefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .default('media'),
  /** Whole host names that files may, or may not, be imported from; an empty `allowHosts` allows all public ones. */
  import: z.strictObject({ allowHosts: z.array(z.string()).default([]), denyHosts: z.array(z.string()).default([]) }).prefault({}),
  image: z.strictObject({ outputs: z.array(outputRule).min(1), blur: z.boolean() }).nullable(),
  /** The first values of the site policy; from then on the database has the word. */
  policy: policyRulesSchema,
});
export type CollectionConfig = z.output<typeof collectionSchema> & { name: string };

export const ceilingsSchema = z.strictObject({
  requestBytes: z.int().min(1).default(5 * 2 ** 40),
  pixels: z.int().min(1).default(50_000_000),
  frames: z.int().min(1).default(500),
  totalPixels: z.int().min(1).default(1_000_000_000),
  durationMs: z.int().min(1).default(4 * 3_600_000),
});
export type Ceilings = z.output<typeof ceilingsSchema>;


/** The declared collections, by name. */
export type Collections = ReadonlyMap<string, CollectionConfig>;

/** The collection of that name; `invalid_request` with the names there are when there is none. */
export function collectionNamed(collections: Collections, name: string): CollectionConfig {
  const found = collections.get(name);
  if (found !== undefined) return found;
  throw new SafelightError('invalid_request', `There is no collection "${name}". Declared are: ${[...collections.keys()].join(', ')}.`, {
    errors: [{ field: 'collection', message: `one of ${[...collections.keys()].join(', ')}` }],
  });
}
