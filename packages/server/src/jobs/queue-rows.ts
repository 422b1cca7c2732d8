import type { JobError } from '@safelight/contract/jobs';
import { sql, type RawBuilder } from '#kysely';

import type { Db, Tx } from '../lib/context.ts';
import type { JobId } from '../lib/ids.ts';
import { leaseSeconds, type JobLane, type JobName } from './definitions.ts';
import type { NewJob } from './new-job.ts';

/**
 * The SQL of this module. A job is one row: `state` is what people see, `turn` is its state in the queue.
 *
 * - `later`: it waits for its time (`start_after`): an undo window, or the pause before another attempt. A check every second makes due jobs
 *   `ready`.
 * - `ready`: it waits for a free place in its lane. Owners take turns; among the jobs of one owner the earliest `rank` is first (claim-jobs.ts).
 * - `held`: a worker runs it, and reports every two seconds that it lives (`heartbeat_at`). If the worker is silent for too long, the job
 *   becomes `ready`.
 * - `over`: nothing is left to do.
 *
 * A job that is cancelled while it waits has ended for people at once (`state`), but stays `ready` until a worker has run its cancellation.
 *
 * Every claim raises `claim`, which identifies the attempt. A worker that settles, retries or reports passes its claim; if that is not the current
 * one, it has lost the job and nothing happens (`heldBy`).
 */
export type Claim = { id: JobId; lane: JobLane; claim: number };

export const json = (value: unknown): RawBuilder<unknown> => sql`${JSON.stringify(value)}::jsonb`;

export const heldBy = ({ id, claim }: Claim): RawBuilder<unknown> => sql`id = ${id}::uuid and turn = 'held' and claim = ${claim}`;

/** As if this attempt had never begun. */
const uncounted = sql`state = case when finished_at is not null then state when attempts > 1 then 'retrying' else 'queued' end,
  attempts = case when finished_at is null then greatest(attempts - 1, 0) else attempts end, progress = null, message = null, updated_at = now(),
  began_at = case when finished_at is null then null else began_at end`;

const mostTries = 20;

/** The attempt has ended, but not the job. */
export const attemptEnded = (error: JobError): RawBuilder<unknown> => sql`
  tries = case when finished_at is not null or began_at is null then tries
    else case when jsonb_array_length(tries) >= ${mostTries} then tries - 0 else tries end
      || jsonb_build_array(jsonb_build_object('beganAt', began_at, 'endedAt', now(), 'error', ${json(error)})) end,
  began_at = case when finished_at is null then null else began_at end`;

/** Back to the queue, possibly after a pause. */
const waitsAgain = (delaySeconds: number): RawBuilder<unknown> =>
  delaySeconds > 0
    ? sql`turn = 'later', start_after = now() + ${delaySeconds} * interval '1s', heartbeat_at = null`
    : sql`turn = 'ready', start_after = null, heartbeat_at = null`;

/** The error of an attempt whose worker died without reporting. */
export const workerDied: JobError = { code: 'internal', message: 'The worker that held the job stopped without a word.', retryable: true };

/** Returns the inserted ids; those whose singleton key is taken are missing. */
export async function insertJobs(tx: Tx, jobs: readonly QueuedJob[]): Promise<Set<JobId>> {
  return new Set((await jobsInserted(sql`${askedJobs(jobs)}`).execute(tx)).rows.map((row) => row.id));
}

/** `traceparent`: the trace of the request that enqueued it, if traced; its attempts become part of that trace. */
export type QueuedJob = NewJob & { id: JobId; lane: JobLane; traceparent?: string | undefined };

/** What `jobsInserted` takes for these jobs. */
export const askedJobs = (jobs: readonly QueuedJob[]): string =>
  JSON.stringify(jobs.map(({ entity, ...job }) => ({ ...job, entityType: entity?.type, entityId: entity?.id })));

/** The statement that enqueues `askedJobs`, also as a part of another one: `onlyIf` then decides whether they are inserted. */
export const jobsInserted = (asked: RawBuilder<unknown>, onlyIf: RawBuilder<unknown> = sql`true`): RawBuilder<{ id: JobId }> =>
  sql<{ id: JobId }>`
    insert into job (id, type, lane, state, owner_id, asset_id, upload_id, collection, entity_type, entity_id,
      singleton_key, data, rank, turn, start_after,
      traceparent)
    select id, type, lane, 'queued', "ownerId", "assetId", "uploadId", collection, "entityType", "entityId",
      "singletonKey", coalesce(data, '{}'),
      now() + coalesce("yieldSeconds", 0) * interval '1s', case when "startAfter" > now() then 'later' else 'ready' end,
      case when "startAfter" > now() then "startAfter" end, traceparent
    from jsonb_to_recordset(${asked}::jsonb) as asked (
      id uuid, type text, lane text, "ownerId" text, "assetId" uuid, "uploadId" uuid, collection text,
      "entityType" text, "entityId" text,
      data jsonb, "startAfter" timestamptz, "singletonKey" text, "yieldSeconds" integer, traceparent text)
    where ${onlyIf}
    on conflict (type, singleton_key) where singleton_key is not null and finished_at is null do nothing
    returning id`;

/** The unfinished jobs that hold the singleton keys of these jobs, by `singletonOf`. */
export async function unfinishedSingletons(tx: Tx, jobs: readonly Pick<NewJob, 'type' | 'singletonKey'>[]): Promise<Map<string, JobId>> {
  const asked = jobs.map(({ type, singletonKey }) => ({ type, key: singletonKey }));
  const { rows } = await sql<{ id: JobId; type: JobName; singletonKey: string }>`
    select job.id, job.type, job.singleton_key as "singletonKey"
    from jsonb_to_recordset(${json(asked)}) as asked (type text, key text)
    join job on job.type = asked.type and job.singleton_key = asked.key and job.finished_at is null`.execute(tx);
  return new Map(rows.map((row) => [singletonOf(row), row.id]));
}

export const singletonOf = ({ type, singletonKey }: Pick<NewJob, 'type' | 'singletonKey'>): string => `${type} ${singletonKey}`;

/**
 * Extends the leases; returns those still held, and whether they were asked to end. Missing ones have been lost. Never waits: a row that its handler
 * is settling is locked, and needs no longer lease.
 */
export async function prolong(db: Db, claims: readonly Claim[]): Promise<{ id: JobId; cancelled: boolean }[]> {
  const { rows } = await sql<{ id: JobId; cancelled: boolean }>`
    with held as (
      select job.id, job.cancel_requested_at is not null as cancelled from job
      join jsonb_to_recordset(${json(claims)}) as asked (id uuid, claim integer) on job.id = asked.id
        and job.claim = asked.claim
      where job.turn = 'held'
    ), unlocked as (
      select job.id from job join held using (id) for update of job skip locked
    ), prolonged as (
      update job set heartbeat_at = now() from unlocked where job.id = unlocked.id
    )
    select id, cancelled from held`.execute(db);
  return rows;
}

/** Those of the given jobs that were asked to end. */
export async function cancelRequested(db: Db, ids: readonly string[]): Promise<JobId[]> {
  const { rows } = await sql<{ id: JobId }>`
    select id from job where id = any(${ids}::uuid[]) and cancel_requested_at is not null`.execute(db);
  return rows.map((row) => row.id);
}

/** Makes jobs with a silent worker ready again at once; the attempt still counts. Returns their lanes. */
export async function requeueAbandoned(db: Db): Promise<JobLane[]> {
  const { rows } = await sql<{ lane: JobLane }>`
    with silent as (
      select id from job where turn = 'held' and heartbeat_at + ${leaseSeconds} * interval '1s' < now()
      for update skip locked
    ), returned as (
      update job set turn = 'ready', heartbeat_at = null,
        state = case when finished_at is null then 'retrying' else state end,
        error = case when finished_at is null then ${json(workerDied)} else error end, ${attemptEnded(workerDied)},
        progress = null, message = null, updated_at = now()
      from silent where job.id = silent.id
      returning lane
    )
    select distinct lane from returned`.execute(db);
  return rows.map((row) => row.lane);
}

/** False when the claim is no longer current; so for the functions below. */
export async function completeJob(db: Db, claim: Claim, result: Record<string, unknown> | undefined): Promise<boolean> {
  return await finish(db, claim, sql`state = 'complete', progress = 1, message = null, result = ${result === undefined ? null : json(result)}, error = null`);
}

export async function failJob(tx: Tx, claim: Claim, error: JobError, attempts: number): Promise<boolean> {
  return await finish(tx, claim, sql`state = 'failed', message = null, error = ${json(error)}, attempts = ${attempts}`);
}

export async function endCancelledJob(tx: Tx, claim: Claim): Promise<boolean> {
  return await finish(tx, claim, sql`state = 'cancelled', message = null`);
}

async function finish(db: Db, claim: Claim, outcome: RawBuilder<unknown>): Promise<boolean> {
  return await write(
    db,
    sql`
      update job set ${outcome}, turn = 'over', heartbeat_at = null, finished_at = coalesce(finished_at, now()),
        updated_at = now() where ${heldBy(claim)}`,
  );
}

const write = async (db: Db, statement: RawBuilder<unknown>): Promise<boolean> => (await statement.execute(db)).numAffectedRows === 1n;

/** The attempt failed, and another follows after `delaySeconds`. */
export async function retryJob(db: Db, claim: Claim, error: JobError, delaySeconds: number): Promise<boolean> {
  return await write(
    db,
    sql`
      update job set ${waitsAgain(delaySeconds)}, ${attemptEnded(error)}, progress = null, message = null,
        updated_at = now(),
      state = case when finished_at is null then 'retrying' else state end,
      error = case when finished_at is null then ${json(error)} else error end where ${heldBy(claim)}`,
  );
}

/** Gives jobs back as if this attempt had never begun. */
export async function handBackJobs(db: Db, claims: readonly Claim[], delaySeconds = 0): Promise<void> {
  await sql`
    update job set ${waitsAgain(delaySeconds)}, ${uncounted}
    from jsonb_to_recordset(${json(claims)}) as asked (id uuid, claim integer)
    where job.id = asked.id and job.claim = asked.claim and job.turn = 'held'`.execute(db);
}

/** Moves the job to another lane, as if this attempt had never begun. */
export async function moveJob(db: Db, claim: Claim, lane: JobLane): Promise<void> {
  await sql`update job set lane = ${lane}, ${waitsAgain(0)}, ${uncounted} where ${heldBy(claim)}`.execute(db);
}

/** Pauses the job; people still see it as being worked on. */
export async function pauseJob(db: Db, claim: Claim, delaySeconds: number, told: { progress: number | null; message: string | null }): Promise<boolean> {
  return await write(
    db,
    sql`
      update job set ${waitsAgain(delaySeconds)}, progress = ${told.progress}, message = ${told.message},
        updated_at = now(),
      attempts = greatest(attempts - 1, 0) where ${heldBy(claim)} and finished_at is null`,
  );
}

/** Locks the row; false when the claim is no longer current. */
export async function lockHeld(tx: Tx, claim: Claim): Promise<boolean> {
  return (await sql`select id from job where ${heldBy(claim)} for update`.execute(tx)).rows.length === 1;
}

export async function writeProgress(tx: Tx, claim: Claim, progress: number | null, message: string | undefined): Promise<boolean> {
  return await write(
    tx,
    sql`
      update job set progress = ${progress}, message = ${message ?? null}, updated_at = now()
      where ${heldBy(claim)} and finished_at is null`,
  );
}

/**
 * Asks an unfinished job to end. A waiting one is cancelled at once and moved to the front, so that a worker runs its cancellation. Returns the new
 * state; undefined when there is nothing to cancel.
 */
export async function requestCancel(tx: Tx, id: string): Promise<{ state: 'active' | 'cancelled'; lane: JobLane } | undefined> {
  const { rows } = await sql<{ state: 'active' | 'cancelled'; lane: JobLane }>`
    update job set
      cancel_requested_at = coalesce(cancel_requested_at, now()), updated_at = now(),
      state = case when turn = 'held' then state else 'cancelled' end,
      finished_at = case when turn = 'held' then null else now() end,
      turn = case when turn = 'held' then turn else 'ready' end,
      rank = case when turn = 'held' then rank else '-infinity' end,
      start_after = null
    where id = ${id}::uuid and finished_at is null
    returning state, lane`.execute(tx);
  return rows[0];
}
