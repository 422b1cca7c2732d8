import type { ErrorCode } from '@safelight/contract/errors';
import type { JobError, JobType } from '@safelight/contract/jobs';
import { z } from 'zod';

import { jobLanes, type JobLane } from './lanes.ts';

export { jobLanes, type JobLane };

/** Notifications on the topic `jobs` are the names of lanes with new work, and these. */
export const cancelNotification = {
  of: (id: string): string => `cancel:${id}`,
  idIn: (told: string): string | undefined => (told.startsWith('cancel:') ? told.slice('cancel:'.length) : undefined),
};

export type JobDefinition = {
  /** The type that people see; several kinds of work may share one. */
  shownAs: JobType;
  /** What `enqueue` takes and its handler gets: ids, not records, for it may run much later. */
  payload: z.ZodType<Record<string, unknown>>;
  /** The default lane; `enqueue` may choose another, e.g. `long` for processing a video. */
  lane: JobLane;
  /** After this many attempts it has failed for good. */
  maxAttempts: number;
  /** Pause after the first failed attempt; it doubles with each further one, up to `most`. */
  backoffSeconds: { first: number; most: number };
  /** An attempt that takes longer is aborted and counts as failed. */
  timeoutSeconds: number;
};

const asset = { assetId: z.string() };
const upload = { ...asset, uploadId: z.string(), named: z.boolean().optional() };
const generation = z.object({ retryOf: z.string().optional() });

/**
 * The contract between modules that do not know each other: each name has one meaning. The work itself is in the `jobs.ts` of the modules that do it.
 */
export const jobDefinitions = {
  finalize: {
    shownAs: 'finalize',
    payload: z.object(upload),
    lane: 'short',
    maxAttempts: 6,
    backoffSeconds: { first: 1, most: 120 },
    timeoutSeconds: 24 * 3600,
  },
  // Encoding two hours of video may take hours; the worker ends a job that has stalled long before that.
  process: { shownAs: 'process', payload: z.object(asset), lane: 'short', maxAttempts: 4, backoffSeconds: { first: 2, most: 120 }, timeoutSeconds: 24 * 3600 },
  // For media that are ready already.
  renew: {
    shownAs: 'process',
    payload: z.object({ ...asset, renewal: z.enum(['outdated', 'missing', 'all']) }),
    lane: 'short',
    maxAttempts: 4,
    backoffSeconds: { first: 2, most: 120 },
    timeoutSeconds: 24 * 3600,
  },
  // The reviewer is an external service, which may be away for hours.
  review: {
    shownAs: 'review',
    payload: z.object({ ...asset, unanswered: z.boolean().optional() }),
    lane: 'review',
    maxAttempts: 8,
    backoffSeconds: { first: 5, most: 1800 },
    timeoutSeconds: 300,
  },
  import: {
    shownAs: 'import',
    payload: z.object({ ...upload, url: z.string(), hasQuota: z.boolean() }),
    lane: 'long',
    maxAttempts: 4,
    backoffSeconds: { first: 5, most: 300 },
    timeoutSeconds: 4 * 3600,
  },
  mirror: { shownAs: 'mirror', payload: z.object(asset), lane: 'long', maxAttempts: 10, backoffSeconds: { first: 2, most: 900 }, timeoutSeconds: 4 * 3600 },
  // Paid work is never requested twice, however often the job begins: its own rows record its progress.
  'generate.image': {
    shownAs: 'generate.image',
    payload: generation,
    lane: 'generation',
    maxAttempts: 10,
    backoffSeconds: { first: 1, most: 60 },
    timeoutSeconds: 900,
  },
  'generate.video': {
    shownAs: 'generate.video',
    payload: generation,
    lane: 'generation',
    maxAttempts: 10,
    backoffSeconds: { first: 1, most: 60 },
    timeoutSeconds: 3600,
  },
  // A purge has to finish, however long the store is away.
  purge: { shownAs: 'purge', payload: z.object(asset), lane: 'upkeep', maxAttempts: 50, backoffSeconds: { first: 2, most: 3600 }, timeoutSeconds: 900 },
  'purge.cdn': {
    shownAs: 'purge',
    payload: z.object({ urls: z.array(z.string()) }),
    lane: 'upkeep',
    maxAttempts: 50,
    backoffSeconds: { first: 2, most: 3600 },
    timeoutSeconds: 900,
  },
  // For objects stored before checksums were recorded.
  'take.checksums': {
    shownAs: 'reconcile',
    payload: z.object({ grantId: z.string() }),
    lane: 'long',
    maxAttempts: 3,
    backoffSeconds: { first: 10, most: 600 },
    timeoutSeconds: 24 * 3600,
  },
  // Marks the documents of a grant for its buyer.
  stamp: {
    shownAs: 'process',
    payload: z.object({ grantId: z.string() }),
    lane: 'short',
    maxAttempts: 6,
    backoffSeconds: { first: 2, most: 300 },
    timeoutSeconds: 3600,
  },
  // Announces photos that a change of the gate has moved.
  'announce.gate': {
    shownAs: 'reconcile',
    payload: z.object({ collection: z.string() }),
    lane: 'upkeep',
    maxAttempts: 3,
    backoffSeconds: { first: 10, most: 600 },
    timeoutSeconds: 24 * 3600,
  },
} as const satisfies Record<string, JobDefinition>;

export type JobName = keyof typeof jobDefinitions;
export type PayloadOf<Name extends JobName> = z.output<(typeof jobDefinitions)[Name]['payload']>;

const names = Object.keys(jobDefinitions) as JobName[];

/** The type that people see. Only `enqueue` writes names; a name of another version is shown as it is. */
export function typeShown(name: string): JobType {
  const known = names.find((one) => one === name);
  return known === undefined ? (name as JobType) : jobDefinitions[known].shownAs;
}

/** The names of all jobs that people see as this type. */
export const jobsShownAs = (type: JobType): JobName[] => names.filter((name) => jobDefinitions[name].shownAs === type);

/**
 * While storage, the database or another part that a job needs is away, every attempt fails at once, which says nothing about the job. Such attempts
 * are retried at short intervals for about twenty minutes, so that work resumes soon after an outage. Not where an attempt costs money.
 */
const outage = {
  codes: new Set<ErrorCode>(['storage_unavailable', 'unavailable']),
  jobs: new Set<JobName>(['finalize', 'process', 'renew', 'import', 'mirror', 'stamp', 'take.checksums', 'announce.gate']),
  maxAttempts: 40,
  mostSeconds: 30,
};
const isOutage = (name: JobName, error: Pick<JobError, 'code'> | null): boolean => error !== null && outage.codes.has(error.code) && outage.jobs.has(name);

/** How many attempts are allowed when the last one ended with this error. */
export const attemptsAllowed = (name: JobName, error: Pick<JobError, 'code'> | null): number =>
  isOutage(name, error) ? outage.maxAttempts : jobDefinitions[name].maxAttempts;

/**
 * A worker reports every `heartbeatMs` that it lives; one that was silent for `leaseSeconds` loses its jobs to another, at most a second later. After
 * an outage of the database, in which nobody could report, all get that time again.
 */
export const leaseSeconds = 8;
export const heartbeatMs = 2_000;

/** The pause after attempt number `attempt` (from 1) failed: exponential, with jitter so that jobs that failed together do not return together. */
export function backoffSeconds(name: JobName, attempt: number, error: Pick<JobError, 'code'> | null = null, random = Math.random()): number {
  const { first, most } = jobDefinitions[name].backoffSeconds;
  const longest = isOutage(name, error) ? Math.min(most, outage.mostSeconds) : most;
  return Math.min(longest, first * 2 ** Math.min(attempt - 1, 20)) * (0.75 + random / 2);
}
