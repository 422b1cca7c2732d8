import { z } from 'zod';

import { generateImageSchema, generateVideoSchema, generationModelSchema, generationUsageSchema } from '../generation.ts';
import type { Operation } from './operation.ts';

export const generationOperations = {
  generateImage: {
    method: 'POST',
    path: '/generate/image',
    summary: 'Generate pictures from a prompt; they are stored like uploads before the job is complete',
    tag: 'Generation',
    scope: 'media:write',
    body: generateImageSchema,
    emptyIsAbsent: true,
    answers: { 202: z.object({ jobId: z.uuid() }) },
    errors: ['collection_full', 'quota_exceeded', 'provider_disabled', 'idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
  },
  generateVideo: {
    method: 'POST',
    path: '/generate/video',
    summary: 'Generate a video from a prompt',
    tag: 'Generation',
    scope: 'media:write',
    body: generateVideoSchema,
    emptyIsAbsent: true,
    answers: { 202: z.object({ jobId: z.uuid() }) },
    errors: ['collection_full', 'quota_exceeded', 'provider_disabled', 'engine_missing', 'idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
  },
  listGenerationModels: {
    method: 'GET',
    path: '/generate/models',
    summary: 'List the models that generate media here, by provider',
    tag: 'Generation',
    scope: 'media:read',
    answers: { 200: z.object({ models: z.array(generationModelSchema) }) },
  },
  readGenerationUsage: {
    method: 'GET',
    path: '/generate/usage',
    summary: 'Read what the caller has generated today, and their allowance',
    tag: 'Generation',
    scope: 'media:read',
    answers: { 200: generationUsageSchema },
  },
} as const satisfies Record<string, Operation>;
