import { z } from 'zod';

import { entityMediaSchema, entityMediaSyncSchema } from './collections.ts';
import type { ErrorCode } from './errors.ts';
import { jobListQuerySchema, jobListSchema, jobSchema } from './jobs.ts';
import { mediaListQuerySchema, mediaListSchema, mediaPatchSchema, mediaSchema } from './media.ts';
import { mediaRulesSchema, policySchema } from './media-rules.ts';
import { policyChangeQuerySchema, policyChangeSchema, policyHistorySchema } from './policies.ts';
import type { Scope } from './scopes.ts';
import {
  acceptedAnswerSchema,
  batchAnswerSchema,
  importSchema,
  multipartInitAnswerSchema,
  signedPartSchema,
  signPartsSchema,
  uploadCompleteAnswerSchema,
  uploadCompleteSchema,
  uploadInitAnswerSchema,
  uploadInitSchema,
  uploadListQuerySchema,
  uploadListSchema,
  uploadPartSchema,
  uploadSchema,
} from './uploads.ts';

export type Operation = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the API prefix; parameters in braces. */
  path: string;
  summary: string;
  tag: 'Uploads' | 'Media' | 'Entities' | 'Policy' | 'Jobs' | 'Events' | 'Operations';
  /** `public` needs no token; a scope needs one that includes it. */
  scope: Scope | 'public';
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** Bodies that are not JSON are read by the operation itself, as a stream. */
  bodyType?: 'multipart/form-data';
  answers: Record<number, z.ZodType | null>;
  /** Codes beyond those that every operation may answer. */
  errors?: readonly ErrorCode[];
  idempotent?: 'Idempotency-Key';
};

const id = z.object({ id: z.uuid() });
const uploadId = z.object({ uploadId: z.uuid() });
const ifMatch = z.object({ 'if-match': z.string().optional() });
const refusals = [
  'empty_file',
  'file_too_large',
  'unsupported_type',
  'type_mismatch',
  'corrupt_media',
  'too_many_pixels',
  'too_many_frames',
  'too_small',
  'aspect_ratio_out_of_range',
  'resource_limit',
  'unsupported_codec',
  'collection_full',
  'storage_unavailable',
] as const satisfies readonly ErrorCode[];

/** Every operation of the API, once. The server binds them, the document is generated from them, the client is typed by them. */
export const operations = {
  uploadDirect: {
    method: 'POST',
    path: '/media',
    summary: 'Upload one or more files in one request',
    tag: 'Uploads',
    scope: 'media:write',
    bodyType: 'multipart/form-data',
    answers: { 201: z.object({ media: mediaSchema }), 202: acceptedAnswerSchema, 207: batchAnswerSchema },
    errors: [...refusals, 'batch_too_large', 'idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
  },
  openUpload: {
    method: 'POST',
    path: '/media/upload/init',
    summary: 'Open an upload whose bytes go straight to storage',
    tag: 'Uploads',
    scope: 'media:write',
    body: uploadInitSchema,
    answers: { 201: z.union([uploadInitAnswerSchema, multipartInitAnswerSchema]) },
    errors: ['empty_file', 'file_too_large', 'unsupported_type', 'collection_full', 'idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
  },
  completeUpload: {
    method: 'POST',
    path: '/media/upload/complete',
    summary: 'Say that the bytes are there; repeating it answers the same',
    tag: 'Uploads',
    scope: 'media:write',
    body: uploadCompleteSchema,
    answers: { 202: uploadCompleteAnswerSchema },
    errors: ['upload_incomplete', 'upload_expired', 'checksum_mismatch', 'file_too_large', 'empty_file'],
  },
  importMedia: {
    method: 'POST',
    path: '/media/import',
    summary: 'Import a file from an address',
    tag: 'Uploads',
    scope: 'media:write',
    body: importSchema,
    answers: { 202: z.object({ jobId: z.uuid(), uploadId: z.uuid() }) },
    errors: ['import_blocked', 'collection_full', 'idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
  },
  listUploadParts: {
    method: 'GET',
    path: '/media/upload/{uploadId}/parts',
    summary: 'Which parts have arrived: how an upload goes on after a reload',
    tag: 'Uploads',
    scope: 'media:write',
    params: uploadId,
    answers: { 200: z.object({ parts: z.array(uploadPartSchema), partSize: z.int() }) },
    errors: ['conflict', 'gone'],
  },
  signUploadParts: {
    method: 'POST',
    path: '/media/upload/{uploadId}/parts',
    summary: 'Sign URLs for more parts, or for the same ones again',
    tag: 'Uploads',
    scope: 'media:write',
    params: uploadId,
    body: signPartsSchema,
    answers: { 200: z.object({ parts: z.array(signedPartSchema) }) },
    errors: ['conflict', 'upload_expired'],
  },
  abortUpload: {
    method: 'DELETE',
    path: '/media/upload/{uploadId}',
    summary: 'Abort an open upload and remove what had arrived',
    tag: 'Uploads',
    scope: 'media:write',
    params: uploadId,
    answers: { 200: z.object({ upload: uploadSchema }) },
    errors: ['conflict'],
  },
  listUploads: {
    method: 'GET',
    path: '/uploads',
    summary: 'List uploads, newest first: what is open, how far, until when',
    tag: 'Uploads',
    scope: 'media:read',
    query: uploadListQuerySchema,
    answers: { 200: uploadListSchema },
  },
  readUpload: {
    method: 'GET',
    path: '/uploads/{uploadId}',
    summary: 'Read one upload, also why it failed',
    tag: 'Uploads',
    scope: 'media:read',
    params: uploadId,
    answers: { 200: z.object({ upload: uploadSchema }) },
  },
  endUpload: {
    method: 'DELETE',
    path: '/uploads/{uploadId}',
    summary: 'Abort an open upload',
    tag: 'Uploads',
    scope: 'media:write',
    params: uploadId,
    answers: { 200: z.object({ upload: uploadSchema }) },
    errors: ['conflict'],
  },
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
    errors: ['precondition_failed'],
  },
  deleteMedia: {
    method: 'DELETE',
    path: '/media/{id}',
    summary: 'Delete: hidden at once, restorable until undoUntil, then purged exactly',
    tag: 'Media',
    scope: 'media:write',
    params: id,
    headers: ifMatch,
    query: z.object({ purge: z.literal('now').optional() }),
    answers: { 200: z.object({ media: mediaSchema, undoUntil: z.iso.datetime() }) },
    errors: ['precondition_failed'],
  },
  deleteMediaByPath: {
    method: 'DELETE',
    path: '/media/*',
    summary: 'Delete by the object path that an upload answered',
    tag: 'Media',
    scope: 'media:write',
    answers: { 200: z.object({ media: mediaSchema, undoUntil: z.iso.datetime() }) },
  },
  restoreMedia: {
    method: 'POST',
    path: '/media/{id}/restore',
    summary: 'Undo a deletion',
    tag: 'Media',
    scope: 'media:write',
    params: id,
    answers: { 200: z.object({ media: mediaSchema }) },
    errors: ['gone', 'conflict'],
  },
  retryMedia: {
    method: 'POST',
    path: '/media/{id}/retry',
    summary: 'Try a failed processing again',
    tag: 'Media',
    scope: 'media:write',
    params: id,
    answers: { 202: acceptedAnswerSchema },
    errors: ['conflict'],
  },
  readEntityMedia: {
    method: 'GET',
    path: '/entities/{type}/{id}/media',
    summary: 'The published media of an entity in order; the owner sees the tray besides',
    tag: 'Entities',
    scope: 'public',
    params: z.object({ type: z.string().min(1).max(64), id: z.string().min(1).max(200) }),
    query: z.object({ collection: z.string().max(64).optional() }),
    answers: { 200: entityMediaSchema, 304: null },
  },
  syncEntityMedia: {
    method: 'PUT',
    path: '/entities/{type}/{id}/media',
    summary: 'Make the collection what an edit form left: order, alt text, purposes, additions, removals; all of it or nothing',
    tag: 'Entities',
    scope: 'media:write',
    params: z.object({ type: z.string().min(1).max(64), id: z.string().min(1).max(200) }),
    query: z.object({ collection: z.string().max(64).optional() }),
    headers: ifMatch,
    body: entityMediaSyncSchema,
    answers: { 200: entityMediaSchema },
    errors: ['precondition_required', 'precondition_failed', 'collection_full', 'upload_incomplete', 'upload_expired'],
  },
  replaceMedia: {
    method: 'POST',
    path: '/media/{id}/replacement',
    summary: 'Replace a photo: the live one stays until the new one is ready and past the gate',
    tag: 'Media',
    scope: 'media:write',
    params: id,
    bodyType: 'multipart/form-data',
    answers: { 202: acceptedAnswerSchema },
    errors: [...refusals, 'gone', 'upload_incomplete', 'upload_expired', 'idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
  },
  readMediaRules: {
    method: 'GET',
    path: '/meta/media-rules',
    summary: 'The live upload rules: of one collection, or of all',
    tag: 'Policy',
    scope: 'public',
    query: z.object({ collection: z.string().max(64).optional() }),
    answers: { 200: z.object({ rules: z.union([mediaRulesSchema, z.array(mediaRulesSchema)]) }), 304: null },
  },
  readPolicy: {
    method: 'GET',
    path: '/policies/{collection}',
    summary: 'Read the site policy of a collection',
    tag: 'Policy',
    scope: 'media:manage',
    params: z.object({ collection: z.string().max(64) }),
    answers: { 200: z.object({ policy: policySchema }) },
  },
  changePolicy: {
    method: 'PUT',
    path: '/policies/{collection}',
    summary: 'Put a whole new policy in place, for the next request on every server',
    tag: 'Policy',
    scope: 'media:manage',
    params: z.object({ collection: z.string().max(64) }),
    query: policyChangeQuerySchema,
    headers: ifMatch,
    body: policyChangeSchema,
    answers: { 200: z.object({ policy: policySchema }) },
    errors: ['precondition_failed'],
  },
  readPolicyHistory: {
    method: 'GET',
    path: '/policies/{collection}/history',
    summary: 'Every policy that the collection has had, newest first',
    tag: 'Policy',
    scope: 'media:manage',
    params: z.object({ collection: z.string().max(64) }),
    query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(400).optional() }),
    answers: { 200: policyHistorySchema },
  },
  listJobs: {
    method: 'GET',
    path: '/jobs',
    summary: 'List jobs, newest first',
    tag: 'Jobs',
    scope: 'media:read',
    query: jobListQuerySchema,
    answers: { 200: jobListSchema },
  },
  readJob: {
    method: 'GET',
    path: '/jobs/{id}',
    summary: 'Read one job',
    tag: 'Jobs',
    scope: 'media:read',
    params: id,
    answers: { 200: z.object({ job: jobSchema }) },
  },
  cancelJob: {
    method: 'DELETE',
    path: '/jobs/{id}',
    summary: 'Cancel a job; cancelling twice is the same as once',
    tag: 'Jobs',
    scope: 'media:write',
    params: id,
    answers: { 200: z.object({ job: jobSchema }) },
  },
  followEvents: {
    method: 'GET',
    path: '/events',
    summary: 'Follow events as they happen (SSE), replayable with Last-Event-ID',
    tag: 'Events',
    scope: 'media:read',
    query: z.object({ jobId: z.uuid().optional(), mediaId: z.uuid().optional(), entity: z.string().max(265).optional() }),
    headers: z.object({ 'last-event-id': z.string().max(400).optional() }),
    answers: { 200: null },
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof operations;
