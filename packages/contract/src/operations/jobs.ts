import { z } from 'zod';

import { jobListQuerySchema, jobListSchema, jobSchema } from '../jobs.ts';
import { id, type Operation } from './operation.ts';

export const jobsOperations = {
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
    summary: 'Cancel a job; repeating it does no harm',
    tag: 'Jobs',
    scope: 'media:write',
    params: id,
    answers: { 200: z.object({ job: jobSchema }) },
    errors: ['conflict'],
  },
  retryJob: {
    method: 'POST',
    path: '/jobs/{id}/retry',
    summary: 'Try a failed generation again, as a new job; mayCostAgain says whether the failed one may have been paid for',
    tag: 'Jobs',
    scope: 'media:write',
    params: id,
    answers: { 202: z.object({ jobId: z.uuid(), job: jobSchema, mayCostAgain: z.boolean() }) },
    errors: ['conflict', 'quota_exceeded', 'provider_disabled', 'idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
  },
} as const satisfies Record<string, Operation>;
