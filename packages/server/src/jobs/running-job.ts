import type { JobError } from '@safelight/contract/jobs';

import type { Context, Tx, DataSite } from '../lib/context.ts';
import type { JobId } from '../lib/ids.ts';
import type { JobLane, JobName } from './definitions.ts';

/** The result of a finished job that people see; JSON. */
export type JobResult = Record<string, unknown>;

/** The subject of a job, as it was enqueued. */
export type JobSubject = {
  id: JobId;
  type: JobName;
  data: Record<string, unknown>;
  ownerId: string;
  assetId?: string;
  uploadId?: string;
  collection?: string;
  entity?: { type: string; id: string };
};

export type RunningJob = JobSubject & {
  /** The lane from which it was taken. */
  lane: JobLane;
  /** From 1, including this attempt. */
  attempt: number;
  /**
   * Reports the real progress, 0–1, or null when it is unknown. Calls are cheap: at most two a second are written and emitted, and always the last
   * one before the job ends.
   */
  progress(fraction: number | null, message?: string): void;
  /**
   * Completes the job in the handler's own transaction, so that its effects and its end are atomic. Throws when this attempt no longer holds the job
   * (its worker was given up for dead, or it timed out): then let the transaction roll back. A handler that settles returns nothing.
   */
  settle(tx: Tx, result?: JobResult): Promise<void>;
  /** Locks the job's row until the transaction ends; throws when this attempt no longer holds the job. */
  requireHeld(tx: Tx): Promise<void>;
};

/** A handler throws it to move the job to another lane, as if this attempt had never begun. */
export class AnotherLane extends Error {
  override readonly name = 'AnotherLane';
  readonly lane: JobLane;
  constructor(lane: JobLane) {
    super(`The job is to be done in the lane "${lane}".`);
    this.lane = lane;
  }
}

/**
 * A handler throws it to be called again after a pause, as if this attempt had never begun; meanwhile the job stays `active` and holds no place in
 * its lane.
 */
export class Later extends Error {
  override readonly name = 'Later';
  readonly delaySeconds: number;
  readonly told: { progress: number | null; message: string | null };
  constructor(delaySeconds: number, told: { progress: number | null; message: string | null }) {
    super(`The job goes on in ${delaySeconds} seconds.`);
    this.delaySeconds = delaySeconds;
    this.told = told;
  }
}

/** A handler throws it when the job has failed for good, although its owner may retry it by hand. */
export class FailedForGood extends Error {
  override readonly name = 'FailedForGood';
  readonly error: JobError;
  constructor(error: JobError) {
    super(error.message);
    this.error = error;
  }
}

export type JobContext<Site = unknown> = Context<DataSite & Site> & { job: RunningJob };

/** How an unsuccessful job ended. */
export type JobEnd = { error: JobError; attempts: number };

/** The handler for jobs of one name; made by `jobsOf`. `Site` is the part of the site that it needs beyond that of every use-case. */
export type JobHandler<Site = unknown> = {
  /**
   * Does the work. `ctx.signal` aborts when the job is cancelled, when another worker has taken it over, when it times out and when this process
   * stops: end soon then, by throwing. A `SafelightError` that is not retryable fails the job at once; any other error is retried after a pause, as
   * often as the job's definition says. It may run more than once and twice at the same time: guard every effect by `settle` or by the state it
   * started from.
   */
  run(ctx: JobContext<Site>): Promise<JobResult | void>;
  /**
   * Runs before the job's row is touched in a transaction that ends it without success, and locks what the two hooks below will change. A caller that
   * enqueues a job already holds that lock; in the other order, the two would deadlock.
   */
  hold?(tx: Tx, job: JobSubject): Promise<void>;
  /**
   * Runs before a cancelled job is ended, outside any transaction: tells external services to stop their work for it. Its errors are logged, and the
   * job ends.
   */
  stop?(ctx: Context<DataSite & Site>, job: JobSubject): Promise<void>;
  /** Runs in the transaction that marks the job as failed for good; also when its worker died on the last attempt. */
  onFailed?(tx: Tx, job: JobSubject, end: JobEnd, ctx: Context<DataSite & Site>): Promise<void>;
  /** Runs in the transaction that ends a cancelled job; for one that was still waiting, soon after it. */
  onCancelled?(tx: Tx, job: JobSubject, end: Pick<JobEnd, 'attempts'>, ctx: Context<DataSite & Site>): Promise<void>;
};

export type JobHandlers<Site = unknown> = Partial<Record<JobName, JobHandler<Site>>>;

/** Runs in the transaction that writes a job's progress. */
export type OnProgress = (tx: Tx, job: JobSubject, progress: { progress: number | null; message?: string }) => Promise<void>;
