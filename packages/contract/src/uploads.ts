import { z } from 'zod';

import { entitySchema, mediaSchema } from './media.ts';

/** What every way in may say about where a file goes; the direct upload says it in form fields of the same names. */
const destinationFields = {
  collection: z.string().min(1).max(64).meta({ description: 'Where it goes, e.g. `listing.photos`.' }),
  entityType: z.string().min(1).max(64).optional().meta({ description: 'What it belongs to, where the collection asks for it.' }),
  entityId: z.string().min(1).max(200).optional(),
  purpose: z.string().min(1).max(64).optional().meta({ description: 'By default the first of the collection.' }),
  altText: z.string().max(2000).optional().meta({ description: 'What the picture shows, for those who cannot see it.' }),
  sortOrder: z.coerce.number().int().min(0).max(1_000_000).optional().meta({ description: 'By default after the last.' }),
};
export const destinationSchema = z.object(destinationFields);
export type Destination = z.infer<typeof destinationSchema>;

/** Besides, of an upload that is opened before its bytes come. */
const openedFields = {
  ...destinationFields,
  replaces: z.uuid().optional().meta({
    description:
      'The photo, at the same place, whose place it is to take once it may be shown. It needs no room of its own, also where the collection is full.',
  }),
};
export const openedDestinationSchema = z.object(openedFields);
export type OpenedDestination = z.infer<typeof openedDestinationSchema>;

export const uploadInitSchema = z
  .object({
    ...openedFields,
    filename: z.string().min(1).max(1024),
    contentType: z.string().max(255).optional(),
    byteSize: z.int().min(0).optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, 'sixty-four hexadecimal digits')
      .transform((digest) => digest.toLowerCase())
      .optional(),
    multipart: z.boolean().optional(),
  })
  .meta({ id: 'UploadInit' });

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
  .object({ ...openedFields, url: z.string().min(1).max(4096), filename: z.string().min(1).max(1024).optional() })
  .meta({ id: 'Import', description: 'A file that anybody on the internet can reach over http(s).' });

export const signedPartSchema = z.object({ partNumber: z.int(), url: z.string(), headers: z.record(z.string(), z.string()) }).meta({ id: 'SignedPart' });
export const uploadPartSchema = z.object({ partNumber: z.int(), etag: z.string(), byteSize: z.int() }).meta({ id: 'UploadPart' });
export const signPartsSchema = z.object({ partNumbers: z.array(z.int().min(1).max(10_000)).min(1).max(1000) }).meta({ id: 'SignParts' });

export const multipartInitAnswerSchema = z
  .object({
    uploadId: z.uuid(),
    partSize: z.int().meta({ description: 'Every part but the last has exactly this many bytes.' }),
    parts: z.array(signedPartSchema),
    objectPath: z.string(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'MultipartInitAnswer' });

export const uploadCompleteSchema = z
  .object({
    uploadId: z.uuid().optional(),
    objectPath: z.string().max(1200).optional(),
    parts: z
      .array(z.object({ partNumber: z.int().min(1).max(10_000), etag: z.string() }))
      .max(10_000)
      .optional(),
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
export const uploadListQuerySchema = z.object({
  state: z.enum(['open', 'finalizing', 'complete', 'failed', 'aborted', 'expired']).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(400).optional(),
});
export const uploadListSchema = z.object({ uploads: z.array(uploadSchema), nextCursor: z.string().nullable() }).meta({ id: 'UploadList' });

export const acceptedAnswerSchema = z.object({ jobId: z.uuid(), media: mediaSchema }).meta({ id: 'Accepted' });
export const batchAnswerSchema = z
  .object({
    results: z.array(
      z.object({ status: z.int(), media: mediaSchema.optional(), jobId: z.uuid().optional(), problem: z.record(z.string(), z.unknown()).optional() }),
    ),
  })
  .meta({ id: 'BatchAnswer', description: 'One result a file, in the order of the files.' });
