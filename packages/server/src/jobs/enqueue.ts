import type { Tx } from '../lib/context.ts';
import { notifyAfterCommit } from '../lib/notify.ts';
import { activeSpan } from '../lib/in-span.ts';
import { newJobId, type JobId } from '../lib/ids.ts';
import { jobDefinitions, type JobLane } from './definitions.ts';
import type { NewJob } from './new-job.ts';
import { askedJobs, insertJobs, singletonOf, unfinishedSingletons } from './queue-rows.ts';

/**
 * Enqueues a job in the caller's transaction: it starts after the commit, and never without it. One statement (a second one only when its singleton
 * key is taken); workers are woken after the commit.
 */
export async function enqueue(tx: Tx, job: NewJob): Promise<JobId> {
  const [id] = await enqueueAll(tx, [job]);
  if (id === undefined) throw new Error('Enqueued one job and got no id.');
  return id;
}

/**
 * What `jobsInserted` takes to do the same as a part of the caller's statement, which saves a round trip to the database. For jobs with known ids and
 * without singleton keys, so that no other job can take their places. `traceparent` is the trace of the current request where none is given.
 */
export function jobsToInsert(tx: Tx, jobs: readonly (NewJob & { id: JobId; singletonKey?: never; traceparent?: string | undefined })[]): string {
  const rows = jobs.map((job) => ({ ...job, lane: laneOf(job), traceparent: job.traceparent ?? activeSpan()?.traceparent }));
  for (const lane of new Set(rows.map((row) => row.lane))) notifyAfterCommit(tx, 'jobs', lane);
  return askedJobs(rows);
}

const laneOf = (job: NewJob): JobLane => job.lane ?? jobDefinitions[job.type].lane;

/** Any number of jobs in one statement, and a second one for keys that are taken; the ids come in the given order. */
export async function enqueueAll(tx: Tx, jobs: readonly NewJob[]): Promise<JobId[]> {
  const rows = jobs.map((job) => ({ ...job, id: job.id ?? newJobId(), lane: laneOf(job), traceparent: activeSpan()?.traceparent }));
  const inserted = await insertJobs(tx, rows);
  for (const lane of new Set(rows.map((row) => row.lane))) notifyAfterCommit(tx, 'jobs', lane);
  const taken = rows.filter(({ id }) => !inserted.has(id));
  const holders = taken.length === 0 ? new Map<string, JobId>() : await unfinishedSingletons(tx, taken);
  const ids: JobId[] = [];
  for (const row of rows) ids.push(inserted.has(row.id) ? row.id : (holders.get(singletonOf(row)) ?? (await insertOrFind(tx, row))));
  return ids;
}

/** For a key that became free between the two statements because its job finished. */
async function insertOrFind(tx: Tx, row: NewJob & { id: JobId; lane: JobLane }): Promise<JobId> {
  for (;;) {
    if ((await insertJobs(tx, [row])).has(row.id)) return row.id;
    const id = (await unfinishedSingletons(tx, [row])).get(singletonOf(row));
    if (id !== undefined) return id;
  }
}
