import { z } from 'zod';

import { optional, pageFields, partNumber, wholeNumber } from './fields.ts';
import { mostChars, mostInBatch, mostParts, mostPartsSigned } from './limits.ts';
import { entitySchema, mediaSchema } from './media.ts';

/** The destination of a file, as every way to upload takes it; a direct upload sends it in form fields of the same names. */
const destinationFields = {
  collection: optional(z.string().min(1).max(mostChars.collection)).meta({
    description: 'Where it goes, e.g. `listing.photos`; by default the configured one.',
  }),
  entityType: optional(z.string().min(1).max(mostChars.entityType)).meta({ description: 'The entity, if the collection requires one.' }),
  entityId: optional(z.string().min(1).max(mostChars.entityId)),
  purpose: optional(z.string().min(1).max(mostChars.purpose)).meta({ description: 'By default the first purpose of the collection.' }),
  altText: optional(z.string().max(mostChars.altText)).meta({ description: 'A description of the picture for people who cannot see it.' }),
  sortOrder: optional(wholeNumber(0, 1_000_000)).meta({ description: 'By default after the last.' }),
};
export const destinationSchema = z.strictObject(destinationFields);
export type Destination = z.infer<typeof destinationSchema>;

/** Further fields of an upload that is opened before its bytes arrive. */
const openedFields = {
  ...destinationFields,
  replaces: optional(z.uuid()).meta({
    description: 'The photo of the same entity that it replaces once it may be shown. It also fits into a full collection.',
  }),
};
export const openedDestinationSchema = z.strictObject(openedFields);
export type OpenedDestination = z.infer<typeof openedDestinationSchema>;

export const uploadInitSchema = z
  .strictObject({
    ...openedFields,
    filename: z.string().min(1).max(1024),
    contentType: optional(z.string().max(255)),
    byteSize: optional(z.int().min(0)),
    sha256: optional(z.string().regex(/^[0-9a-f]{64}$/i, 'sixty-four hexadecimal digits are wanted'))
      .transform((digest) => digest?.toLowerCase())
      .optional(),
    multipart: optional(z.boolean()),
  })
  .meta({ id: 'UploadInit' });

/** Each entry is validated on its own, so that an invalid one does not affect the others. */
export const uploadInitBatchSchema = z
  .strictObject({
    uploads: z
      .array(z.unknown().meta({ override: { $ref: '#/components/schemas/UploadInit' } }))
      .min(1)
      .max(mostInBatch),
  })
  .meta({ id: 'UploadInitBatch', description: 'Several at once: the answer is 207, with one result for each in this order.' });
export type UploadInitBatch = z.output<typeof uploadInitBatchSchema>;

export const uploadInitAnswerSchema = z
  .object({
    uploadId: z.uuid(),
    method: z.literal('PUT'),
    uploadURL: z.string(),
    headers: z.record(z.string(), z.string()),
    objectPath: z.string(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'UploadInitAnswer' });

export const importSchema = z
  .strictObject({ ...openedFields, url: z.string().min(1).max(4096), filename: optional(z.string().min(1).max(1024)) })
  .meta({ id: 'Import', description: 'A file that anybody on the internet can reach over http(s).' });

export const signedPartSchema = z.object({ partNumber: z.int(), url: z.string(), headers: z.record(z.string(), z.string()) }).meta({ id: 'SignedPart' });
export const uploadPartSchema = z.object({ partNumber: z.int(), etag: z.string(), byteSize: z.int() }).meta({ id: 'UploadPart' });
export const signPartsSchema = z.strictObject({ partNumbers: z.array(partNumber).min(1).max(mostPartsSigned) }).meta({ id: 'SignParts' });

export const multipartInitAnswerSchema = z
  .object({
    uploadId: z.uuid(),
    partSize: z.int().meta({ description: 'Every part but the last has exactly this many bytes.' }),
    parts: z.array(signedPartSchema),
    objectPath: z.string(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'MultipartInitAnswer' });

export const uploadInitBatchAnswerSchema = z
  .object({
    results: z.array(
      z.object({
        status: z.int(),
        upload: z.union([uploadInitAnswerSchema, multipartInitAnswerSchema]).optional(),
        problem: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  })
  .meta({ id: 'UploadInitBatchAnswer', description: 'One result for each, in their order; `upload` is the answer for a single one.' });

/** A replacement for a photo: the fields of the form besides its file, or the upload that contains the new photo. */
export const replacementFormSchema = z.strictObject({ altText: destinationFields.altText });
export const replacementSchema = z
  .strictObject({ uploadId: z.uuid().meta({ description: 'Of the upload that brought the new photo.' }), altText: destinationFields.altText })
  .meta({ id: 'Replacement' });

export const uploadCompleteSchema = z
  .strictObject({
    uploadId: optional(z.uuid()),
    objectPath: optional(z.string().max(1200)),
    parts: optional(z.array(z.strictObject({ partNumber, etag: z.string().max(1024) })).max(mostParts)),
  })
  .refine((value) => value.uploadId !== undefined || value.objectPath !== undefined, {
    path: ['uploadId'],
    message: 'say which upload, by uploadId or objectPath',
  })
  .meta({ id: 'UploadComplete' });

export const uploadCompleteAnswerSchema = z
  .object({ jobId: z.uuid(), media: mediaSchema, path: z.string(), url: z.string().nullable() })
  .meta({ id: 'UploadCompleteAnswer' });

export const uploadSchema = z
  .object({
    id: z.uuid(),
    protocol: z.enum(['direct', 'presigned', 'multipart', 'tus', 'import']),
    state: z.enum(['open', 'finalizing', 'complete', 'failed', 'aborted', 'expired']),
    collection: z.string(),
    entity: entitySchema.nullable(),
    purpose: z.string(),
    filename: z.string(),
    contentType: z.string().nullable(),
    byteSize: z.int().nullable(),
    offset: z.int(),
    assetId: z.uuid().nullable(),
    jobId: z.uuid().nullable(),
    replaces: z.uuid().nullable(),
    failure: z.object({ code: z.string(), message: z.string() }).nullable(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Upload' });

export type Upload = z.infer<typeof uploadSchema>;
export const uploadListQuerySchema = z.strictObject({
  state: z.enum(['open', 'finalizing', 'complete', 'failed', 'aborted', 'expired']).optional(),
  ...pageFields,
});
export const uploadListSchema = z.object({ uploads: z.array(uploadSchema), nextCursor: z.string().nullable() }).meta({ id: 'UploadList' });

export const acceptedAnswerSchema = z.object({ jobId: z.uuid(), media: mediaSchema }).meta({ id: 'Accepted' });
export const batchAnswerSchema = z
  .object({
    results: z.array(
      z.object({ status: z.int(), media: mediaSchema.optional(), jobId: z.uuid().optional(), problem: z.record(z.string(), z.unknown()).optional() }),
    ),
  })
  .meta({ id: 'BatchAnswer', description: 'One result per file, in the order of the files.' });
