import type { ErrorCode } from '@safelight/contract/errors';
import type { JobError, JobType } from '@safelight/contract/jobs';

/**
 * Work of one lane waits only for work of the same lane: `short` takes under a few seconds, `long` minutes, `review` waits for
 * somebody else's service, `generation` for a machine that makes media, `upkeep` is what nobody waits for.
 */
export const jobLanes = ['short', 'long', 'review', 'generation', 'upkeep'] as const;
export type JobLane = (typeof jobLanes)[number];

/** Hints on the topic `jobs` are the names of lanes with new work, and these. */
export const cancelHint = {
  of: (id: string): string => `cancel:${id}`,
  idIn: (hint: string): string | undefined => (hint.startsWith('cancel:') ? hint.slice('cancel:'.length) : undefined),
};

export type JobDefinition = {
  /** Where it goes unless `enqueue` says otherwise, e.g. `process` of a video goes to `long`. */
  lane: JobLane;
  /** How often it may begin before it has failed for good. */
  maxAttempts: number;
  /** Pause after the first failed attempt; it doubles with each further one, up to `most`. */
  backoffSeconds: { first: number; most: number };
  /** An attempt that takes longer is aborted and counts as failed. */
  timeoutSeconds: number;
};

export const jobDefinitions = {
  finalize: { lane: 'short', maxAttempts: 6, backoffSeconds: { first: 1, most: 120 }, timeoutSeconds: 3600 },
  process: { lane: 'short', maxAttempts: 4, backoffSeconds: { first: 2, most: 120 }, timeoutSeconds: 3600 },
  // The reviewer is a service of others, which may be away for hours.
  review: { lane: 'review', maxAttempts: 8, backoffSeconds: { first: 5, most: 1800 }, timeoutSeconds: 300 },
  import: { lane: 'long', maxAttempts: 4, backoffSeconds: { first: 5, most: 300 }, timeoutSeconds: 4 * 3600 },
  mirror: { lane: 'long', maxAttempts: 10, backoffSeconds: { first: 2, most: 900 }, timeoutSeconds: 4 * 3600 },
  // What costs money is never asked for twice, however often the job begins: its own rows say how far it came.
  'generate.image': { lane: 'generation', maxAttempts: 10, backoffSeconds: { first: 1, most: 60 }, timeoutSeconds: 900 },
  'generate.video': { lane: 'generation', maxAttempts: 10, backoffSeconds: { first: 1, most: 60 }, timeoutSeconds: 3600 },
  // What is to be gone has to go, however long the store is away.
  purge: { lane: 'upkeep', maxAttempts: 50, backoffSeconds: { first: 2, most: 3600 }, timeoutSeconds: 900 },
  reconcile: { lane: 'long', maxAttempts: 3, backoffSeconds: { first: 10, most: 600 }, timeoutSeconds: 24 * 3600 },
  migrate: { lane: 'long', maxAttempts: 10, backoffSeconds: { first: 5, most: 600 }, timeoutSeconds: 24 * 3600 },
} as const satisfies Record<JobType, JobDefinition>;

/**
 * While storage, the database or another part that a job needs is away every attempt ends at once, and that says nothing about the job: an
 * outage is waited out, in short steps so that work goes on soon after it, for about twenty minutes before jobs begin to fail. Not where
 * an attempt costs money.
 */
const outage = {
  codes: new Set<ErrorCode>(['storage_unavailable', 'unavailable']),
  types: new Set<JobType>(['finalize', 'process', 'import', 'mirror']),
  maxAttempts: 40,
  mostSeconds: 30,
};
const isOutage = (type: JobType, error: Pick<JobError, 'code'> | null): boolean => error !== null && outage.codes.has(error.code) && outage.types.has(type);

/** How often a job may begin when this is what its last attempt ended with. */
export const attemptsAllowed = (type: JobType, error: Pick<JobError, 'code'> | null): number =>
  isOutage(type, error) ? outage.maxAttempts : jobDefinitions[type].maxAttempts;

/**
 * A worker says every `heartbeatMs` that it lives; who was silent for `leaseSeconds` has lost its jobs to the next one, which has them
 * a second later at most. After an outage of the database, when nobody was heard, all have that long again.
 */
export const leaseSeconds = 8;
export const heartbeatMs = 2_000;

/** The pause after attempt number `attempt` (from 1) failed: exponential, with a random part so that what failed together does not return together. */
export function backoffSeconds(type: JobType, attempt: number, error: Pick<JobError, 'code'> | null = null, random = Math.random()): number {
  const { first, most } = jobDefinitions[type].backoffSeconds;
  const longest = isOutage(type, error) ? Math.min(most, outage.mostSeconds) : most;
  return Math.min(longest, first * 2 ** Math.min(attempt - 1, 20)) * (0.75 + random / 2);
}
