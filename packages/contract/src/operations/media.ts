import { z } from 'zod';

import { acceptedAnswerSchema } from '../uploads.ts';
import { captionsBodySchema, languageSchema } from '../recordings.ts';
import { mediaListQuerySchema, mediaListSchema, mediaPatchSchema, mediaSchema } from '../media.ts';
import { signedURLRequestSchema, signedURLSchema } from '../signed-urls.ts';
import { id, ifMatch, type Operation } from './operation.ts';

/** The same, whichever name the media is deleted by. */
const deletion = {
  headers: ifMatch,
  query: z.strictObject({
    purge: z.literal('now').optional(),
    force: z.literal('true').optional().meta({ description: 'Managers only: also purges files at once that buyers have a right to. Buyers then get 410.' }),
  }),
  answers: { 200: z.object({ media: mediaSchema, undoUntil: z.iso.datetime() }) },
  errors: ['precondition_failed' as const],
};

export const mediaOperations = {
  listMedia: {
    method: 'GET',
    path: '/media',
    summary: 'List media, newest first',
    tag: 'Media',
    scope: 'media:read',
    query: mediaListQuerySchema,
    answers: { 200: mediaListSchema },
  },
  readMedia: {
    method: 'GET',
    path: '/media/{id}',
    summary: 'Read one record',
    tag: 'Media',
    scope: 'public',
    params: id,
    answers: { 200: z.object({ media: mediaSchema }), 304: null },
    errors: ['gone'],
  },
  patchMedia: {
    method: 'PATCH',
    path: '/media/{id}',
    summary: 'Change alt text, purpose, order or focal point',
    tag: 'Media',
    scope: 'media:write',
    params: id,
    headers: ifMatch,
    body: mediaPatchSchema,
    answers: { 200: z.object({ media: mediaSchema }) },
    errors: ['gone', 'precondition_failed'],
  },
  putCaptions: {
    method: 'PUT',
    path: '/media/{id}/captions/{language}',
    summary: 'Set the captions of a video in one language, replacing existing ones',
    tag: 'Media',
    scope: 'media:write',
    params: z.strictObject({ id: z.uuid(), language: languageSchema }),
    body: captionsBodySchema,
    answers: { 200: z.object({ media: mediaSchema }) },
    errors: ['gone', 'conflict', 'storage_unavailable'],
  },
  deleteCaptions: {
    method: 'DELETE',
    path: '/media/{id}/captions/{language}',
    summary: 'Remove the captions of a video in one language',
    tag: 'Media',
    scope: 'media:write',
    params: z.strictObject({ id: z.uuid(), language: languageSchema }),
    answers: { 200: z.object({ media: mediaSchema }) },
    errors: ['gone'],
  },
  deleteMedia: {
    method: 'DELETE',
    path: '/media/{id}',
    summary: 'Delete a record: hidden at once, restorable until undoUntil, then purged exactly',
    tag: 'Media',
    scope: 'media:write',
    params: id,
    ...deletion,
  },
  deleteMediaByPath: {
    method: 'DELETE',
    path: '/media/*',
    summary: 'Delete a record by the object path that its upload answered',
    tag: 'Media',
    scope: 'media:write',
    params: z.object({ '*': z.string() }),
    ...deletion,
  },
  signMediaURL: {
    method: 'POST',
    path: '/media/{id}/signed-url',
    summary: 'Sign a URL that opens one file for everybody who has it, for a limited time',
    tag: 'Media',
    scope: 'media:read',
    params: id,
    body: signedURLRequestSchema,
    answers: { 200: signedURLSchema },
    errors: ['gone'],
  },
  restoreMedia: {
    method: 'POST',
    path: '/media/{id}/restore',
    summary: 'Undo a deletion',
    tag: 'Media',
    scope: 'media:write',
    params: id,
    answers: { 200: z.object({ media: mediaSchema }) },
    errors: ['gone', 'conflict', 'collection_full', 'quota_exceeded'],
  },
  retryMedia: {
    method: 'POST',
    path: '/media/{id}/retry',
    summary: 'Try a failed processing or review again',
    tag: 'Media',
    scope: 'media:write',
    params: id,
    answers: { 202: acceptedAnswerSchema },
    errors: ['gone', 'conflict', 'idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
  },
  reprocessMedia: {
    method: 'POST',
    path: '/media/{id}/reprocess',
    summary: 'Remake the outputs of a ready picture, video, sound or document under the current rules; it stays visible in the meantime',
    tag: 'Media',
    scope: 'media:manage',
    params: id,
    answers: { 202: acceptedAnswerSchema },
    errors: ['gone', 'conflict', 'idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
  },
} as const satisfies Record<string, Operation>;
