import { setTimeout as delay } from 'node:timers/promises';

import type { Context, DataSite, Db } from '../lib/context.ts';
import type { Hearing } from '../lib/listen-for-notifications.ts';
import { notify } from '../lib/notify.ts';
import type { JobId } from '../lib/ids.ts';
import { outsideSpans } from '../lib/in-span.ts';
import { endEarly, newAttempt, type Attempt } from './attempt.ts';
import { claimJobs, dueLanes } from './claim-jobs.ts';
import { cancelNotification, jobLanes, type JobLane } from './definitions.ts';
import { keepLeases } from './keep-leases.ts';
import { handBackJobs } from './queue-rows.ts';
import { repeat } from './repeat.ts';
import { runJob, type OnEnded } from './run-job.ts';
import { runLane, type Lane } from './run-lane.ts';
import type { JobHandlers, OnProgress } from './running-job.ts';
import { strikeJob } from './strike-job.ts';
import { traceJob } from './trace-job.ts';

export type WorkerOptions<Site = unknown> = {
  /** Wakes the worker; without it jobs start within a second, and a cancellation arrives within two. */
  hearing?: Hearing;
  /** What every handler gets; the signal is replaced by the job's own. */
  context: Context<DataSite & Site>;
  handlers: JobHandlers<Site>;
  /** How many jobs of each lane this process runs at a time; missing lanes are left to others. */
  lanes: Partial<Record<JobLane, number>>;
  onProgress?: OnProgress;
  onEnded?: OnEnded;
};

export type Worker = {
  /** The number of jobs that run here. */
  running(): number;
  /**
   * Starts nothing more, waits `graceMs` for running jobs, then aborts the rest and hands them back, so that another worker has them at once and the
   * attempt is not counted. Resolves when the last handler has ended, or two seconds after it was told to.
   */
  stop(options: { graceMs: number }): Promise<void>;
  /** An uncaught error from the work on this job ends the process: counts it against the job, and hands the job back. */
  strike(id: JobId): Promise<void>;
};

const lookMs = 1_000;
const unwindMs = 2_000;

/** Runs jobs until it is stopped: several at a time in each of its lanes, so that long work never delays short work. */
export function startWorker<Site>(options: WorkerOptions<Site>): Worker {
  const { context } = options;
  const { log } = context;
  const { db } = context.site;
  const running = new Map<JobId, Attempt>();
  /** The owner served last, for each lane. */
  const served = new Map<JobLane, string>();
  let stopping = false;

  const fill = async (lane: JobLane, places: number): Promise<boolean> => {
    const free = places - [...running.values()].filter((attempt) => attempt.claim.lane === lane).length;
    if (free <= 0) return false;
    const claimed = await claimJobs(db, { lane, most: free, afterOwner: served.get(lane) ?? '' });
    for (const job of claimed) begin(newAttempt(job));
    const last = claimed.at(-1);
    if (last !== undefined) served.set(lane, last.ownerId);
    return claimed.length === free;
  };
  const begin = (attempt: Attempt): void => {
    const { id, lane } = attempt.claim;
    running.set(id, attempt);
    attempt.ended = traceJob(attempt, async () => await runJob(attempt, options)).then(() => {
      // If the job came back to this process while its lost attempt was still ending, the entry is another one.
      if (running.get(id) === attempt) running.delete(id);
      lanes.get(lane)?.wake();
    });
  };

  // A request of this process may have woken the lane, but the jobs found there are not part of its trace.
  const lanes = runLanes(options.lanes, log, async (lane, places) => !stopping && (await outsideSpans(async () => await fill(lane, places))));
  // Notifications may be lost, and jobs that wait for their time send none.
  const look = async (): Promise<void> => {
    for (const lane of await dueLanes(db, [...lanes.keys()])) lanes.get(lane)?.wake();
  };
  const stopLooking = repeat(look, lookMs, (cause) => log.warn({ err: cause }, 'Could not look for jobs; trying again.'));
  const wakeAll = (): void => lanes.forEach((lane) => lane.wake());
  const leases = keepLeases({ db, running, log, onRequeued: wakeAll });
  const deafen = options.hearing?.hear('jobs', {
    onConnected: wakeAll,
    onNotifications(items) {
      for (const [name, lane] of lanes) if (items.includes(name)) lane.wake();
      leases.onCancelNotification(items.flatMap((item) => cancelNotification.idIn(item) ?? []));
    },
  });

  const stop = async (graceMs: number): Promise<void> => {
    stopping = true;
    deafen?.();
    await Promise.all([stopLooking(), ...[...lanes.values()].map((lane) => lane.stop())]);
    await endRunning(running, context, graceMs);
    await leases.stop();
  };
  let stopped: Promise<void> | undefined;
  return { running: () => running.size, strike: async (id) => await strike(db, running.get(id)), stop: ({ graceMs }) => (stopped ??= stop(graceMs)) };
}

async function strike(db: Db, attempt: Attempt | undefined): Promise<void> {
  if (attempt?.standing !== 'open') return;
  endEarly(attempt, 'lost');
  if (await strikeJob(db, attempt.claim)) notify(db, 'jobs', attempt.claim.lane);
}

function runLanes(
  placesOf: WorkerOptions['lanes'],
  log: Context['log'],
  fill: (lane: JobLane, places: number) => Promise<boolean>,
): ReadonlyMap<JobLane, Lane> {
  const lanes = new Map<JobLane, Lane>();
  for (const lane of jobLanes) {
    const places = placesOf[lane] ?? 0;
    if (places === 0) continue;
    const onError = (cause: unknown): void => log.warn({ err: cause, lane }, 'Could not look for jobs; trying again.');
    lanes.set(lane, runLane({ fill: async () => await fill(lane, places), onError }));
  }
  return lanes;
}

/** Waits for running jobs, then aborts the rest and hands them back. */
async function endRunning(
  running: ReadonlyMap<JobId, Attempt>,
  { log, site: { db } }: Pick<Context, 'log'> & { site: Pick<DataSite, 'db'> },
  graceMs: number,
): Promise<void> {
  await within(graceMs, everyEnd(running));
  const rest = [...running.values()].filter((attempt) => attempt.standing === 'open');
  for (const attempt of rest) endEarly(attempt, 'shutdown');
  if (rest.length > 0) {
    const claims = rest.map((attempt) => attempt.claim);
    await handBackJobs(db, claims).catch((cause: unknown) =>
      log.warn({ err: cause }, 'Running jobs could not be handed back; others take them when their leases run out.'),
    );
    for (const lane of new Set(claims.map((claim) => claim.lane))) notify(db, 'jobs', lane);
  }
  if (!(await within(unwindMs, everyEnd(running)))) log.warn({ jobs: [...running.keys()] }, 'Handlers did not end when they were told to.');
}

const everyEnd = async (running: ReadonlyMap<JobId, Attempt>): Promise<unknown> => await Promise.all([...running.values()].map((attempt) => attempt.ended));

/** False when the time was over first. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const cancel = new AbortController();
  const timeout = delay(ms, false, { signal: cancel.signal }).catch(() => false);
  return await Promise.race([promise.then(() => true), timeout]).finally(() => cancel.abort());
}
