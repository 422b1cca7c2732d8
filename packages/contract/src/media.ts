import { z } from 'zod';

import { errorCodeNames } from './errors.ts';
import { pageFields } from './fields.ts';
import { mostChars } from './limits.ts';
import { digitalSources, generatedSchema } from './generation.ts';
import { kinds } from './kinds.ts';
import { audioFactsSchema, captionsSchema, processingFactsSchema, storyboardSchema, videoFactsSchema } from './recordings.ts';

export const statuses = ['pending', 'processing', 'ready', 'failed'] as const;
export const reviews = ['not_required', 'queued', 'approved', 'rejected', 'failed'] as const;

export const entitySchema = z
  .object({ type: z.string().min(1).max(mostChars.entityType), id: z.string().min(1).max(mostChars.entityId) })
  .meta({ id: 'Entity', description: 'What an asset belongs to in the application. Safelight does not own entities.' });

export const failureSchema = z
  .object({ stage: z.string(), code: z.string(), message: z.string(), retryable: z.boolean(), attempts: z.int() })
  .meta({ id: 'Failure', description: 'What failed, in words and code, and whether a retry can help.' });

export const variantSchema = z
  .object({ src: z.string(), width: z.int().nullable(), height: z.int().nullable(), mimeType: z.string(), byteSize: z.int() })
  .meta({ id: 'Variant', description: 'One immutable artifact. Its URL is opaque and its bytes never change.' });

export const mediaSchema = z
  .object({
    id: z.uuid(),
    collection: z.string(),
    entity: entitySchema.nullable(),
    ownerId: z.string().optional().meta({ description: 'Left out for readers without a token.' }),
    kind: z.enum(kinds),
    purpose: z.string(),
    status: z.enum(statuses),
    review: z.enum(reviews),
    published: z.boolean().meta({ description: 'May be shown: ready, not deleted, not waiting to replace another, past the review gate.' }),
    originalFileName: z.string().optional().meta({ description: 'Left out for readers without a token.' }),
    path: z
      .string()
      .nullable()
      .meta({ description: 'The object path of what was uploaded, which `DELETE /v1/media/{path}` takes; for its owner and managers, null for others.' }),
    mimeType: z.string(),
    byteSize: z.int(),
    width: z.int().nullable(),
    height: z.int().nullable(),
    durationMs: z.int().nullable(),
    video: videoFactsSchema.nullable(),
    audio: audioFactsSchema.nullable(),
    processing: processingFactsSchema.nullable().meta({ description: 'For its owner and managers.' }),
    altText: z.string().nullable(),
    focalPoint: z.object({ x: z.number(), y: z.number() }).nullable(),
    sortOrder: z.int(),
    src: z.string().nullable(),
    thumbnailSrc: z.string().nullable(),
    blurDataURL: z.string().nullable(),
    dominantColour: z.string().nullable().meta({ description: 'The colour that most of the picture has, as `#rrggbb`.' }),
    thumbHash: z.string().nullable().meta({ description: 'A placeholder of about 25 bytes as base64 (ThumbHash), where the collection makes one.' }),
    contents: z
      .object({ total: z.int(), names: z.array(z.string()) })
      .nullable()
      .meta({ description: 'Of a ZIP or an EPUB that is kept: how many files are in it, and the names of the first thousand.' }),
    storyboard: storyboardSchema.nullable(),
    hlsSrc: z.string().nullable().meta({ description: 'The playlist of a video in several sizes (HLS), where the collection makes them.' }),
    captions: z.array(captionsSchema),
    variants: z.record(z.string(), variantSchema),
    srcSet: z.string().nullable(),
    replaces: z.uuid().nullable(),
    failure: failureSchema.nullable(),
    reviewReason: z.string().nullable().meta({ description: 'In the words of the moderator who approved or rejected it, for its owner; null for others.' }),
    digitalSource: z
      .enum(digitalSources)
      .nullable()
      .meta({ description: 'The IPTC digital source type where it is made by a machine, or says so; its public files carry the same mark.' }),
    generated: generatedSchema.nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    deletedAt: z.iso.datetime().nullable(),
    undoUntil: z.iso.datetime().nullable(),
    version: z.int(),
  })
  .meta({ id: 'Media', description: 'The logical media record, ready to render.' });
export type Media = z.infer<typeof mediaSchema>;

export const mediaPatchSchema = z
  .strictObject({
    altText: z.string().max(mostChars.altText).nullable().optional(),
    purpose: z.string().min(1).max(mostChars.purpose).optional(),
    sortOrder: z.int().min(0).max(1_000_000).optional(),
    focalPoint: z
      .strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) })
      .nullable()
      .optional(),
  })
  .meta({ id: 'MediaPatch' });

/** The orders in which media can be listed; the default is newest first. */
export const mediaSorts = ['newest', 'oldest', 'name', 'largest'] as const;

export const mediaListQuerySchema = z.strictObject({
  q: z.string().max(mostChars.search).optional().meta({
    description:
      'Words of the file name, the alternative text, the owner or the entity, each of them whole or its beginning; or an id, whole or at least its first eight digits.',
  }),
  prefix: z.string().max(mostChars.pathPrefix).optional().meta({
    description:
      'Object path prefix; it ends at a separator: `media/42` never matches `media/421`. One that does not begin with a key prefix is relative to the caller’s own folder: `images`.',
  }),
  collection: z.string().max(mostChars.collection).optional(),
  entity: z.string().max(mostChars.entity).optional().meta({ description: '`type/id`, for example `listing/9f3`.' }),
  kind: z.enum(kinds).optional(),
  purpose: z.string().max(mostChars.purpose).optional(),
  status: z.enum(statuses).optional(),
  published: z.literal('true').optional().meta({ description: 'Only what may be shown: ready, past the review gate, and not waiting to replace another.' }),
  failure: z.enum(errorCodeNames).optional().meta({ description: 'Only what has failed by this code, as the overview counts it.' }),
  createdAfter: z.iso.datetime({ offset: true }).optional().meta({ description: 'Only what was created at this time or later.' }),
  createdBefore: z.iso.datetime({ offset: true }).optional().meta({ description: 'Only what was created before this time.' }),
  publishedAfter: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'Only what was published at this time or later, and may still be shown. Times before the last seven days are not known.' }),
  sort: z.enum(mediaSorts).optional().meta({ description: 'Without one, the newest first. A cursor goes on in the order that it was answered in.' }),
  deleted: z.literal('true').optional().meta({ description: 'Instead of what is there, what was deleted and can still be restored.' }),
  ...pageFields,
});
export const mediaListSchema = z.object({ media: z.array(mediaSchema), nextCursor: z.string().nullable() }).meta({ id: 'MediaList' });
