import { z } from 'zod';

import { mostChars } from '../limits.ts';
import { acceptedAnswerSchema, replacementFormSchema, replacementSchema } from '../uploads.ts';
import { entityMediaSchema, entityMediaSyncSchema } from '../collections.ts';
import { id, ifMatch, refusals, type Operation } from './operation.ts';

export const entitiesOperations = {
  readEntityMedia: {
    method: 'GET',
    path: '/entities/{type}/{id}/media',
    summary: 'Read the published media of an entity in order; its owner also gets the tray',
    tag: 'Entities',
    scope: 'public',
    params: z.object({ type: z.string().min(1).max(mostChars.entityType), id: z.string().min(1).max(mostChars.entityId) }),
    query: z.strictObject({ collection: z.string().max(mostChars.collection).optional() }),
    answers: { 200: entityMediaSchema, 304: null },
  },
  syncEntityMedia: {
    method: 'PUT',
    path: '/entities/{type}/{id}/media',
    summary: 'Save an edit form: order, alt text, purposes, additions and removals, all of it or nothing',
    tag: 'Entities',
    scope: 'media:write',
    params: z.object({ type: z.string().min(1).max(mostChars.entityType), id: z.string().min(1).max(mostChars.entityId) }),
    query: z.strictObject({ collection: z.string().max(mostChars.collection).optional() }),
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
    body: replacementSchema,
    form: replacementFormSchema,
    answers: { 202: acceptedAnswerSchema },
    errors: [...refusals, 'gone', 'upload_expired', 'idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
  },
} as const satisfies Record<string, Operation>;
