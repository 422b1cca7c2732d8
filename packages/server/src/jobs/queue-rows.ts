import type { JobError, JobType } from '@safelight/contract/jobs';
import { sql, type RawBuilder } from 'kysely';

import type { Db, Tx } from '../lib/context.ts';
import type { JobId } from '../lib/ids.ts';
import { jobDefinitions, leaseSeconds, type JobLane } from './definitions.ts';
import type { NewJob } from './enqueue.ts';

/**
 * The SQL of this room. A job is two rows with one id:
 *
 * - `pgboss.job`, the queue's: whose turn it is and who holds it. pg-boss claims from it (`fetch`) and maintains it. It exists only
 *   while the job is unfinished, so the queue stays small. What has to happen together with our own row is written here against
 *   the columns that pg-boss documents for use from SQL.
 * - `job`, what people see and what remains.
 *
 * Every claim raises the queue's `retry_count`: it names the attempt. Whoever settles, retries or reports says which claim he
 * holds; when that is not the present one, he has lost the job and nothing happens (`heldBy`).
 */
export type Claim = { id: JobId; lane: JobLane; claim: number };

export type ClaimedRow = {
  id: JobId;
  type: JobType;
  attempts: number;
  /** Before or after it began to wait; what it asks for is to be ended, not run. */
  cancelled: boolean;
  ownerId: string;
  assetId: string | null;
  uploadId: string | null;
  collection: string | null;
  entityType: string | null;
  entityId: string | null;
  error: JobError | null;
};

const json = (value: unknown): RawBuilder<unknown> => sql`${JSON.stringify(value)}::jsonb`;

const heldBy = ({ id, lane, claim }: Claim): RawBuilder<unknown> => sql`name = ${lane} and id = ${id}::uuid and state = 'active' and retry_count = ${claim}`;

/** The error of an attempt that nobody was left to report. */
export const workerDied: JobError = { code: 'internal', message: 'The worker that held the job stopped without a word.', retryable: true };

/** The queue never gives up by itself: how often a job may begin is decided where its failure can be told (run-job.ts). */
const neverGiveUp = 1_000_000;
/** pg-boss ends what outlives its time, in case a worker that hangs goes on saying that it lives. */
const timeoutSlackSeconds = 120;

/** Answers the ids that were inserted; missing is whose singleton key is taken. */
export async function insertJobs(tx: Tx, jobs: readonly (NewJob & { id: JobId; lane: JobLane })[]): Promise<Set<JobId>> {
  const asked = jobs.map(({ entity, ...job }) => ({
    ...job,
    entityType: entity?.type,
    entityId: entity?.id,
    expireSeconds: jobDefinitions[job.type].timeoutSeconds + timeoutSlackSeconds,
  }));
  const { rows } = await sql<{ id: JobId }>`
    with asked as (
      select * from jsonb_to_recordset(${json(asked)}) as a (
        id uuid, type text, lane text, "ownerId" text, "assetId" uuid, "uploadId" uuid, collection text, "entityType" text, "entityId" text,
        data jsonb, "startAfter" timestamptz, "singletonKey" text, priority integer, "expireSeconds" integer)
    ), seen as (
      insert into job (id, type, lane, state, owner_id, asset_id, upload_id, collection, entity_type, entity_id, singleton_key)
      select id, type, lane, 'queued', "ownerId", "assetId", "uploadId", collection, "entityType", "entityId", "singletonKey" from asked
      on conflict (type, singleton_key) where singleton_key is not null and finished_at is null do nothing
      returning id
    ), queued as (
      insert into pgboss.job (id, name, data, priority, start_after, keep_until, retry_limit, expire_seconds, heartbeat_seconds, policy)
      select id, lane, coalesce(data, '{}'), coalesce(priority, 0), coalesce("startAfter", now()), 'infinity', ${neverGiveUp}, "expireSeconds", ${leaseSeconds}, 'standard'
      from asked join seen using (id)
    )
    select id from seen`.execute(tx);
  return new Set(rows.map((row) => row.id));
}

/** The unfinished jobs that hold the singleton keys of these, by `singletonOf`. */
export async function unfinishedSingletons(tx: Tx, jobs: readonly Pick<NewJob, 'type' | 'singletonKey'>[]): Promise<Map<string, JobId>> {
  const asked = jobs.map(({ type, singletonKey }) => ({ type, key: singletonKey }));
  const { rows } = await sql<{ id: JobId; type: JobType; singletonKey: string }>`
    select job.id, job.type, job.singleton_key as "singletonKey" from jsonb_to_recordset(${json(asked)}) as asked (type text, key text)
    join job on job.type = asked.type and job.singleton_key = asked.key and job.finished_at is null`.execute(tx);
  return new Map(rows.map((row) => [singletonOf(row), row.id]));
}

export const singletonOf = ({ type, singletonKey }: Pick<NewJob, 'type' | 'singletonKey'>): string => `${type} ${singletonKey}`;

/** Counts the attempt and shows the jobs as active; one cancelled while it waited stays so. */
export async function markActive(db: Db, ids: readonly string[]): Promise<ClaimedRow[]> {
  const { rows } = await sql<ClaimedRow>`
    update job set
      state = case when finished_at is null then 'active' else state end,
      attempts = case when finished_at is null then attempts + 1 else attempts end,
      progress = null, message = null, updated_at = now()
    where id = any(${ids}::uuid[])
    returning id, type, attempts, cancel_requested_at is not null as cancelled, owner_id as "ownerId", asset_id as "assetId", upload_id as "uploadId", collection,
      entity_type as "entityType", entity_id as "entityId", error`.execute(db);
  return rows;
}

/**
 * Prolongs the leases; answers those still held, and whether somebody asked for their end. What is missing has been lost. Never waits:
 * a row that its handler is settling at this moment is locked, and needs no longer lease.
 */
export async function prolong(db: Db, claims: readonly Claim[]): Promise<{ id: JobId; cancelled: boolean }[]> {
  const { rows } = await sql<{ id: JobId; cancelled: boolean }>`
    with held as (
      select q.name, q.id from pgboss.job q, jsonb_to_recordset(${json(claims)}) as c (id uuid, lane text, claim integer)
      where q.name = c.lane and q.id = c.id and q.state = 'active' and q.retry_count = c.claim
    ), unlocked as (
      select q.name, q.id from pgboss.job q join held using (name, id) for update of q skip locked
    ), prolonged as (
      update pgboss.job q set heartbeat_on = now() from unlocked where q.name = unlocked.name and q.id = unlocked.id
    )
    select id, job.cancel_requested_at is not null as cancelled from held join job using (id)`.execute(db);
  return rows;
}

/** Of the given jobs, those whose end was asked for. */
export async function cancelRequested(db: Db, ids: readonly string[]): Promise<JobId[]> {
  const { rows } = await sql<{ id: JobId }>`select id from job where id = any(${ids}::uuid[]) and cancel_requested_at is not null`.execute(db);
  return rows.map((row) => row.id);
}

/** Jobs whose worker is silent go back into their queue at once; that they began stays counted. Answers the lanes concerned. */
export async function requeueAbandoned(db: Db): Promise<JobLane[]> {
  const { rows } = await sql<{ lane: JobLane }>`
    with silent as (
      select name, id from pgboss.job
      where state = 'active' and heartbeat_on + heartbeat_seconds * interval '1s' < now()
      for update skip locked
    ), returned as (
      update pgboss.job q set state = 'retry', start_after = now(), heartbeat_on = null
      from silent where q.name = silent.name and q.id = silent.id
      returning q.id, q.name
    ), shown as (
      update job set state = 'retrying', error = ${json(workerDied)}, progress = null, message = null, updated_at = now()
      from returned where job.id = returned.id and job.finished_at is null
    )
    select distinct name as lane from returned`.execute(db);
  return rows.map((row) => row.lane);
}

/** Of the given lanes, those in which the time of a job has come. */
export async function dueLanes(db: Db, lanes: readonly JobLane[]): Promise<JobLane[]> {
  const { rows } = await sql<{ lane: JobLane }>`
    select lane from unnest(${lanes}::text[]) as asked (lane)
    where exists (select from pgboss.job_common where name = lane and state < 'active' and not blocked and start_after <= now())`.execute(db);
  return rows.map((row) => row.lane);
}

/** False when the claim is no longer the present one, here and below. */
export async function completeJob(db: Db, claim: Claim, result: Record<string, unknown> | undefined): Promise<boolean> {
  return await finish(db, claim, sql`state = 'complete', progress = 1, result = ${result === undefined ? null : json(result)}, error = null`);
}

export async function failJob(tx: Tx, claim: Claim, error: JobError, attempts: number): Promise<boolean> {
  return await finish(tx, claim, sql`state = 'failed', error = ${json(error)}, attempts = ${attempts}`);
}

export async function endCancelledJob(tx: Tx, claim: Claim): Promise<boolean> {
  return await finish(tx, claim, sql`state = 'cancelled'`);
}

async function finish(db: Db, claim: Claim, assignments: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await sql`
    with held as (delete from pgboss.job where ${heldBy(claim)} returning id)
    update job set ${assignments}, finished_at = coalesce(finished_at, now()), updated_at = now() from held where job.id = held.id
    returning job.id`.execute(db);
  return rows.length === 1;
}

/** The attempt failed and another follows after `delaySeconds`. */
export async function retryJob(db: Db, claim: Claim, error: JobError, delaySeconds: number): Promise<boolean> {
  const { rows } = await sql`
    with held as (
      update pgboss.job set state = 'retry', start_after = now() + ${delaySeconds} * interval '1s', heartbeat_on = null
      where ${heldBy(claim)} returning id
    ), shown as (
      update job set state = 'retrying', error = ${json(error)}, progress = null, message = null, updated_at = now()
      from held where job.id = held.id and job.finished_at is null
    )
    select id from held`.execute(db);
  return rows.length === 1;
}

/** Gives jobs back as if this attempt had never begun. */
export async function handBackJobs(db: Db, claims: readonly Claim[], delaySeconds = 0): Promise<void> {
  await sql`
    with held as (
      update pgboss.job q set state = 'retry', start_after = now() + ${delaySeconds} * interval '1s', heartbeat_on = null
      from jsonb_to_recordset(${json(claims)}) as c (id uuid, lane text, claim integer)
      where q.name = c.lane and q.id = c.id and q.state = 'active' and q.retry_count = c.claim
      returning q.id
    )
    update job set
      state = case when attempts > 1 then 'retrying' else 'queued' end, attempts = greatest(attempts - 1, 0),
      progress = null, message = null, updated_at = now()
    from held where job.id = held.id and job.finished_at is null`.execute(db);
}

/** Has the job wait in another lane, as if this attempt had never begun. */
export async function moveJob(db: Db, claim: Claim, lane: JobLane): Promise<void> {
  await sql`
    with held as (
      update pgboss.job set name = ${lane}, state = 'retry', start_after = now(), heartbeat_on = null
      where ${heldBy(claim)} returning id
    )
    update job set
      lane = ${lane}, state = case when attempts > 1 then 'retrying' else 'queued' end, attempts = greatest(attempts - 1, 0),
      progress = null, message = null, updated_at = now()
    from held where job.id = held.id and job.finished_at is null`.execute(db);
}

/** A queue entry without the row that people see is nobody's. */
export async function dropOrphans(db: Db, ids: readonly string[]): Promise<void> {
  await sql`delete from pgboss.job where id = any(${ids}::uuid[]) and not exists (select from job where job.id = pgboss.job.id)`.execute(db);
}

export async function writeProgress(tx: Tx, claim: Claim, progress: number | null, message: string | undefined): Promise<boolean> {
  const { rows } = await sql`
    with held as (select id from pgboss.job where ${heldBy(claim)})
    update job set progress = ${progress}, message = ${message ?? null}, updated_at = now() from held
    where job.id = held.id and job.finished_at is null
    returning job.id`.execute(tx);
  return rows.length === 1;
}

/**
 * Asks for the end of an unfinished job. One that waits is cancelled at once; its queue entry is moved to the front, so that a worker
 * runs what belongs to the cancellation. Answers the state after it, undefined when there is nothing to cancel.
 */
export async function requestCancel(tx: Tx, id: string): Promise<{ state: 'active' | 'cancelled'; lane: JobLane } | undefined> {
  const { rows } = await sql<{ state: 'active' | 'cancelled'; lane: JobLane }>`
    with asked as (
      update job set
        cancel_requested_at = coalesce(cancel_requested_at, now()),
        state = case when state = 'active' then state else 'cancelled' end,
        finished_at = case when state = 'active' then null else now() end,
        updated_at = now()
      where id = ${id}::uuid and finished_at is null
      returning id, state, lane
    ), moved as (
      update pgboss.job q set start_after = now(), priority = ${neverGiveUp}
      from asked where q.name = asked.lane and q.id = asked.id and q.state < 'active'
    )
    select state, lane from asked`.execute(tx);
  return rows[0];
}
