import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import { isUnreachable } from '../lib/database.ts';
import { notify } from '../lib/notify.ts';
import type { JobId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { endEarly, type Attempt } from './attempt.ts';
import { heartbeatMs, leaseSeconds, type JobLane } from './definitions.ts';
import { cancelRequested, prolong, requeueAbandoned } from './queue-rows.ts';
import { repeat } from './repeat.ts';

const sweepMs = 1_000;

export type Leases = {
  /** Called when a notification says that these jobs were asked to end. */
  onCancelNotification(ids: string[]): void;
  stop(): Promise<void>;
};

/**
 * Reports every two seconds, for all jobs of this process in one statement, that it lives, and learns from the answer which were lost and which are
 * to be cancelled. Checks every second for jobs whose worker is silent, and returns them to their queue. While the database is away everybody is
 * silent, so silence counts again only after all could report for the length of a lease.
 */
export function keepLeases(options: { db: Db; running: ReadonlyMap<JobId, Attempt>; log: Log; onRequeued(lanes: JobLane[]): void }): Leases {
  const { db, running, log } = options;

  /** The time from which silence counts, by `performance.now()`; infinite during an outage. */
  let silenceCountsFrom = 0;
  const abandoned = async (): Promise<JobLane[]> => {
    try {
      if (silenceCountsFrom === Infinity) {
        await sql`select 1`.execute(db);
        silenceCountsFrom = performance.now() + leaseSeconds * 1_000;
      }
      return performance.now() < silenceCountsFrom ? [] : await requeueAbandoned(db);
    } catch (error) {
      if (isUnreachable(error)) silenceCountsFrom = Infinity;
      throw error;
    }
  };
  const sweep = async (): Promise<void> => {
    const lanes = await abandoned();
    if (lanes.length === 0) return;
    log.warn({ lanes }, 'A worker was silent for too long; its jobs are waiting for another one.');
    for (const lane of lanes) notify(db, 'jobs', lane);
    options.onRequeued(lanes);
  };

  const stops = [
    repeat(
      async () => await prolongAll(db, running),
      heartbeatMs,
      (cause) => log.warn({ err: cause }, 'The leases of the running jobs could not be extended.'),
    ),
    repeat(sweep, sweepMs, (cause) => log.warn({ err: cause }, 'Could not look for jobs whose worker died.')),
  ];
  return {
    onCancelNotification(ids) {
      const mine = ids.filter((id) => running.has(id as JobId));
      if (mine.length === 0) return;
      void cancelRequested(db, mine)
        .then((asked) => asked.forEach(cancel))
        .catch((cause: unknown) => log.warn({ err: cause }, 'Could not look for cancelled jobs.'));
    },
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
    },
  };

  function cancel(id: JobId): void {
    const attempt = running.get(id);
    if (attempt !== undefined) endEarly(attempt, 'cancelled');
  }
}

/** Extends the leases, and ends jobs that were lost or are to be cancelled. */
async function prolongAll(db: Db, running: ReadonlyMap<JobId, Attempt>): Promise<void> {
  // A job that has timed out gets no extension: if its handler does not end, its lease runs out.
  const held = [...running.values()].filter((attempt) => attempt.standing === 'open' && attempt.ending !== 'timeout');
  if (held.length === 0) return;
  const known = new Map(
    (
      await prolong(
        db,
        held.map((attempt) => attempt.claim),
      )
    ).map((row) => [row.id, row]),
  );
  for (const attempt of held) {
    const row = known.get(attempt.claim.id);
    // A job that was settled meanwhile has no lease either, but it is not open.
    if (row === undefined) endEarly(attempt, 'lost');
    else if (row.cancelled) endEarly(attempt, 'cancelled');
  }
}
