import type { ErrorCode } from '@safelight/contract/errors';
import type { JobError, JobType } from '@safelight/contract/jobs';
import { z } from 'zod';

import { jobLanes, type JobLane } from './lanes.ts';

export { jobLanes, type JobLane };

/** Hints on the topic `jobs` are the names of lanes with new work, and these. */
export const cancelHint = {
  of: (id: string): string => `cancel:${id}`,
  idIn: (hint: string): string | undefined => (hint.startsWith('cancel:') ? hint.slice('cancel:'.length) : undefined),
};

export type JobDefinition = {
  /** The type that people see it under; to them several kinds of work are one. */
  shownAs: JobType;
  /** What `enqueue` is given and its handler gets: ids, not records, for it may run much later. */
  payload: z.ZodType<Record<string, unknown>>;
  /** Where it goes unless `enqueue` says otherwise, e.g. `process` of a video goes to `long`. */
  lane: JobLane;
  /** How often it may begin before it has failed for good. */
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
 * What rooms that do not know each other agree on: each name means one thing. What is done for it stands in the `jobs.ts` of the rooms
 * that do it.
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
  // Two hours of video may be encoded for as many; the worker that runs a job ends it long before when it stands still.
  process: { shownAs: 'process', payload: z.object(asset), lane: 'short', maxAttempts: 4, backoffSeconds: { first: 2, most: 120 }, timeoutSeconds: 24 * 3600 },
  // Of what is ready already.
  renew: {
    shownAs: 'process',
    payload: z.object({ ...asset, renewal: z.enum(['outdated', 'missing', 'all']) }),
    lane: 'short',
    maxAttempts: 4,
    backoffSeconds: { first: 2, most: 120 },
    timeoutSeconds: 24 * 3600,
  },
  // The reviewer is a service of others, which may be away for hours.
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
  // What costs money is never asked for twice, however often the job begins: its own rows say how far it came.
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
  // What is to be gone has to go, however long the store is away.
  purge: { shownAs: 'purge', payload: z.object(asset), lane: 'upkeep', maxAttempts: 50, backoffSeconds: { first: 2, most: 3600 }, timeoutSeconds: 900 },
  'purge.cdn': {
    shownAs: 'purge',
    payload: z.object({ urls: z.array(z.string()) }),
    lane: 'upkeep',
    maxAttempts: 50,
    backoffSeconds: { first: 2, most: 3600 },
    timeoutSeconds: 900,
  },
  // Of what was stored before they were taken.
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
  // Tells of what a turn of a gate has moved.
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

/** How people see a job. Only `enqueue` writes names; one of another version stands for itself. */
export function typeShown(name: string): JobType {
  const known = names.find((one) => one === name);
  return known === undefined ? (name as JobType) : jobDefinitions[known].shownAs;
}

/** What people see as a job of this type. */
export const jobsShownAs = (type: JobType): JobName[] => names.filter((name) => jobDefinitions[name].shownAs === type);

/**
 * While storage, the database or another part that a job needs is away every attempt ends at once, and that says nothing about the job: an
 * outage is waited out, in short steps so that work goes on soon after it, for about twenty minutes before jobs begin to fail. Not where
 * an attempt costs money.
 */
const outage = {
  codes: new Set<ErrorCode>(['storage_unavailable', 'unavailable']),
  jobs: new Set<JobName>(['finalize', 'process', 'renew', 'import', 'mirror']),
  maxAttempts: 40,
  mostSeconds: 30,
};
const isOutage = (name: JobName, error: Pick<JobError, 'code'> | null): boolean => error !== null && outage.codes.has(error.code) && outage.jobs.has(name);

/** How often a job may begin when this is what its last attempt ended with. */
export const attemptsAllowed = (name: JobName, error: Pick<JobError, 'code'> | null): number =>
  isOutage(name, error) ? outage.maxAttempts : jobDefinitions[name].maxAttempts;

/**
 * A worker says every `heartbeatMs` that it lives; one that was silent for `leaseSeconds` has lost its jobs to the next one, which has them
 * a second later at most. After an outage of the database, when nobody was heard, all have that long again.
 */
export const leaseSeconds = 8;
export const heartbeatMs = 2_000;

/** The pause after attempt number `attempt` (from 1) failed: exponential, with a random part so that what failed together does not return together. */
export function backoffSeconds(name: JobName, attempt: number, error: Pick<JobError, 'code'> | null = null, random = Math.random()): number {
  const { first, most } = jobDefinitions[name].backoffSeconds;
  const longest = isOutage(name, error) ? Math.min(most, outage.mostSeconds) : most;
  return Math.min(longest, first * 2 ** Math.min(attempt - 1, 20)) * (0.75 + random / 2);
}
