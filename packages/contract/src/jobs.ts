import { z } from 'zod';

import { pageFields } from './fields.ts';
import { errorCodeNames } from './errors.ts';
import { jobStates, jobTypes, type JobState, type JobType } from './job-names.ts';

export { jobStates, jobTypes, type JobState, type JobType };

export const jobErrorSchema = z
  .object({ code: z.enum(errorCodeNames), message: z.string(), retryable: z.boolean() })
  .meta({ id: 'JobError', description: 'Why an attempt failed, and whether trying again can help.' });
export type JobError = z.infer<typeof jobErrorSchema>;

export const jobSchema = z
  .object({
    id: z.uuid(),
    type: z.enum(jobTypes),
    state: z.enum(jobStates),
    /** Real progress so far, 0–1; null while it is unknown. */
    progress: z.number().min(0).max(1).nullable(),
    message: z.string().nullable(),
    /** How many attempts were started. Jobs that a worker returned when it shut down do not count. */
    attempts: z.int().nonnegative(),
    assetId: z.uuid().optional(),
    result: z.record(z.string(), z.unknown()).optional(),
    /** The failed job that this job retries. */
    retryOf: z.uuid().optional(),
    /** The error of the last failed attempt; also present while the job is retrying. */
    error: jobErrorSchema.optional(),
    tries: z
      .array(z.object({ startedAt: z.iso.datetime(), endedAt: z.iso.datetime().nullable(), error: jobErrorSchema.nullable() }))
      .meta({ description: 'Its attempts, the newest last, of which twenty are kept. Between them, and before the first, it waited.' }),
    finishedAt: z.iso.datetime().optional(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Job', description: 'A unit of asynchronous work. Its progress is only ever what really happened.' });
export type Job = z.infer<typeof jobSchema>;

export const jobListQuerySchema = z.strictObject({
  state: z.enum(jobStates).optional(),
  type: z.enum(jobTypes).optional(),
  mediaId: z.uuid().optional().meta({ description: 'Of one asset.' }),
  assetId: z.uuid().optional().meta({ description: 'The same, by the name that jobs have it under.' }),
  ...pageFields,
});
export const jobListSchema = z.object({ jobs: z.array(jobSchema), nextCursor: z.string().nullable() }).meta({ id: 'JobList' });
