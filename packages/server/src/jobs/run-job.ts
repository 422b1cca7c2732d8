import type { JobError } from '@safelight/contract/jobs';

import type { Context, Tx, DataSite } from '../lib/context.ts';
import { passesByItself } from '../lib/database.ts';
import { isReadOnly } from '../lib/prepare-statements.ts';
import { SafelightError } from '../lib/errors.ts';
import { notify } from '../lib/notify.ts';
import { afterCommit, transact } from '../lib/transact.ts';
import { endEarly, type Attempt, type Ending } from './attempt.ts';
import { attemptsAllowed, backoffSeconds, jobDefinitions, type JobName } from './definitions.ts';
import { withJobInHand } from './job-in-hand.ts';
import { completeJob, endCancelledJob, failJob, handBackJobs, lockHeld, moveJob, pauseJob, retryJob, workerDied } from './queue-rows.ts';
import { reportProgress } from './report-progress.ts';
import { AnotherLane, FailedForGood, Later, type JobHandler, type JobHandlers, type JobResult, type OnProgress, type RunningJob } from './running-job.ts';
import { endedItsProcess, mostStrikes } from './strike-job.ts';
import { traceEnd } from './trace-job.ts';
import { waitOutOutage } from './wait-out-outage.ts';

/** `context` is what every handler gets, with the job's own signal and log; hooks that end a job get it with its original signal. */
export type RunOptions<Site = unknown> = {
  context: Context<DataSite & Site>;
  handlers: JobHandlers<Site>;
  onProgress?: OnProgress | undefined;
  onEnded?: OnEnded | undefined;
};
/** How an attempt ended here: with the end of its job, or why without. */
export type OnEnded = (attempt: { type: JobName; outcome: 'complete' | 'failed' | 'later' | Ending; seconds: number }) => void;

/** Another version of Safelight may know the type; the delay keeps the job from bouncing between the two. */
const unknownTypeDelaySeconds = 5;

/**
 * Runs one attempt and writes its outcome. A cancelled job is ended, and one with too many attempts has failed, both without running; the others run
 * and are then complete, cancelled, failed for good, or wait for the next attempt. Never rejects: if the database is away it waits to write the
 * outcome, and if that is impossible the lease runs out, and another attempt follows.
 */
export async function runJob<Site>(attempt: Attempt, options: RunOptions<Site>): Promise<void> {
  const { claim, row, subject } = attempt;
  const ctx = { ...options.context, log: options.context.log.child({ jobId: row.id, jobType: row.type, attempt: row.attempts }) };
  const handler = options.handlers[row.type];
  const began = performance.now();
  let ended: Parameters<OnEnded>[0]['outcome'] = 'failed';
  try {
    if (handler === undefined) {
      ctx.log.error('This worker has no handler for jobs of this type; the job was given back.');
      ended = 'later';
      await handBackJobs(ctx.site.db, [claim], unknownTypeDelaySeconds);
    } else if (row.cancelled) {
      ended = 'cancelled';
      await endAsCancelled(attempt, handler, ctx);
    } else if (row.strikes >= mostStrikes) {
      await failForGood(attempt, handler, ctx, endedItsProcess, row.attempts - 1);
    } else if (row.attempts > attemptsAllowed(row.type, row.error)) {
      await failForGood(attempt, handler, ctx, row.error ?? workerDied);
    } else {
      const outcome = await handle(attempt, handler, { ...ctx, signal: attempt.abort.signal }, options.onProgress);
      ended = endOf(attempt, outcome);
      if (attempt.standing !== 'open') reportLeftover(attempt, outcome, ctx);
      else if ('error' in outcome) await unsuccessful(attempt, handler, ctx, outcome.error);
      else await waitOutOutage(attempt, async () => await holdFast(attempt, completeJob(ctx.site.db, claim, outcome.result)));
    }
  } catch (cause) {
    ctx.log.error({ err: cause }, `The outcome of job ${subject.id} could not be recorded; it will be tried again.`);
  } finally {
    if (attempt.standing === 'open') attempt.standing = 'gone';
    traceEnd(ended);
    options.onEnded?.({ type: row.type, outcome: ended, seconds: (performance.now() - began) / 1000 });
  }
}

type Outcome = { result: JobResult | undefined } | { error: unknown };

function endOf({ standing, ending }: Attempt, outcome: Outcome): Parameters<OnEnded>[0]['outcome'] {
  if (standing === 'settled' || !('error' in outcome)) return 'complete';
  if (ending !== undefined) return ending;
  return outcome.error instanceof AnotherLane || outcome.error instanceof Later ? 'later' : 'failed';
}

async function handle<Site>(attempt: Attempt, handler: JobHandler<Site>, ctx: Context<DataSite & Site>, onProgress: OnProgress | undefined): Promise<Outcome> {
  const { claim, row, subject } = attempt;
  const report = reportProgress(attempt, ctx, onProgress);
  const job: RunningJob = {
    ...subject,
    lane: claim.lane,
    attempt: row.attempts,
    progress: report.progress,
    async settle(tx, result) {
      await holdFast(attempt, completeJob(tx, claim, result));
      afterCommit(tx, () => (attempt.standing = 'settled'));
    },
    requireHeld: async (tx) => await holdFast(attempt, lockHeld(tx, claim)),
  };
  const outOfTime = setTimeout(() => endEarly(attempt, 'timeout'), jobDefinitions[row.type].timeoutSeconds * 1000);
  try {
    return { result: (await withJobInHand(row.id, async () => await handler.run({ ...ctx, job }))) ?? undefined };
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(outOfTime);
    await report.stop();
  }
}

/** A database failover takes some seconds. */
const readOnlyPauseSeconds = 2;

/** Throws unless the job was still ours, so that the surrounding transaction rolls back. */
async function holdFast(attempt: Attempt, written: Promise<boolean>): Promise<void> {
  if (await written) return;
  throw new SafelightError('conflict', 'This attempt no longer holds its job, so its outcome was not taken.', { context: { ...attempt.claim } });
}

async function unsuccessful<Site>(attempt: Attempt, handler: JobHandler<Site>, ctx: Context<DataSite & Site>, cause: unknown): Promise<void> {
  if (attempt.ending === 'cancelled') {
    await endAsCancelled(attempt, handler, ctx);
    return;
  }
  const { row, claim } = attempt;
  if (cause instanceof AnotherLane) {
    await waitOutOutage(attempt, async () => await moveJob(ctx.site.db, claim, cause.lane));
    notify(ctx.site.db, 'jobs', cause.lane);
    return;
  }
  if (cause instanceof Later) {
    await waitOutOutage(attempt, async () => await pauseJob(ctx.site.db, claim, cause.delaySeconds, cause.told));
    return;
  }
  if (cause instanceof FailedForGood) {
    ctx.log.info({ code: cause.error.code, detail: cause.error.message }, 'A job failed; only its owner can retry it.');
    await failForGood(attempt, handler, ctx, cause.error);
    return;
  }
  if (isReadOnly(cause)) {
    ctx.log.warn({ err: cause }, 'The database is read-only; the job waits, and this attempt does not count.');
    await waitOutOutage(attempt, async () => await handBackJobs(ctx.site.db, [claim], readOnlyPauseSeconds));
    return;
  }
  const error = attempt.ending === 'timeout' ? tookTooLong(attempt) : toJobError(cause);
  const last = !error.retryable || row.attempts >= attemptsAllowed(row.type, error);
  // A refused file is normal; only unexpected errors are logged with their stack.
  if (cause instanceof SafelightError && cause.status < 500) ctx.log.info({ code: error.code, detail: error.message }, 'A job ended with a refusal.');
  else ctx.log[last ? 'error' : 'warn']({ err: cause, code: error.code }, last ? 'A job failed for good.' : 'An attempt at a job failed; another follows.');
  if (last) await failForGood(attempt, handler, ctx, error);
  else await waitOutOutage(attempt, async () => await retryJob(ctx.site.db, claim, error, backoffSeconds(row.type, row.attempts, error)));
}

async function failForGood<Site>(
  attempt: Attempt,
  handler: JobHandler<Site>,
  ctx: Context<DataSite & Site>,
  error: JobError,
  begun = attempt.row.attempts,
): Promise<void> {
  const { row, claim, subject } = attempt;
  const attempts = Math.min(begun, attemptsAllowed(row.type, error));
  await ending(attempt, ctx, error, async (tx) => {
    await handler.hold?.(tx, subject);
    await holdFast(attempt, failJob(tx, claim, error, attempts));
    await handler.onFailed?.(tx, subject, { error, attempts }, ctx);
  });
}

/** How long an external service has to answer whether it has stopped. */
const stopMs = 10_000;

async function endAsCancelled<Site>(attempt: Attempt, handler: JobHandler<Site>, ctx: Context<DataSite & Site>): Promise<void> {
  await handler.stop?.({ ...ctx, signal: AbortSignal.timeout(stopMs) }, attempt.subject).catch((cause: unknown) => {
    ctx.log.warn({ err: cause }, 'The external work of a cancelled job could not be stopped.');
  });
  await ending(attempt, ctx, attempt.row.error ?? workerDied, async (tx) => {
    await handler.hold?.(tx, attempt.subject);
    await holdFast(attempt, endCancelledJob(tx, attempt.claim));
    await handler.onCancelled?.(tx, attempt.subject, { attempts: attempt.row.attempts }, ctx);
  });
}

/** If a hook throws, the end is rolled back; the job comes back after a pause and tries again to end. */
async function ending(attempt: Attempt, ctx: Context, error: JobError, write: (tx: Tx) => Promise<void>): Promise<void> {
  try {
    await waitOutOutage(attempt, async () => await transact(ctx.site.db, write));
  } catch (cause) {
    ctx.log.error({ err: cause }, 'The end of a job could not be recorded; it will be tried again.');
    await waitOutOutage(attempt, async () => await retryJob(ctx.site.db, attempt.claim, error, backoffSeconds(attempt.row.type, attempt.row.attempts)));
  }
}

function reportLeftover(attempt: Attempt, outcome: Outcome, ctx: Context): void {
  if (attempt.standing === 'settled' && 'error' in outcome)
    ctx.log.error({ err: outcome.error }, 'A handler threw after it had settled its job; the job stays complete.');
  if (attempt.standing === 'gone') ctx.log.info({ ending: attempt.ending }, 'An attempt that no longer holds its job has ended.');
}

function tookTooLong({ row }: Attempt): JobError {
  return { code: 'resource_limit', message: `The job took longer than the ${jobDefinitions[row.type].timeoutSeconds} seconds it may.`, retryable: true };
}

function toJobError(error: unknown): JobError {
  if (error instanceof SafelightError) return { code: error.code, message: error.detail, retryable: error.retryable };
  if (passesByItself(error)) return { code: 'unavailable', message: 'The database could not be reached, or had too much to do.', retryable: true };
  return { code: 'internal', message: 'Something went wrong on our side.', retryable: true };
}
