import type { JobError } from '@safelight/contract/jobs';
import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import type { JobLane, JobName } from './definitions.ts';
import { json, type Claim } from './queue-rows.ts';

export type ClaimedJob = Claim & {
  type: JobName;
  attempts: number;
  /** How many processes its work has crashed. */
  strikes: number;
  /** Cancelled before it was claimed: its cancellation is to be run, not its work. */
  cancelled: boolean;
  data: Record<string, unknown>;
  ownerId: string;
  assetId: string | null;
  uploadId: string | null;
  collection: string | null;
  entity_type: string | null;
  entity_id: string | null;
  error: JobError | null;
  traceparent: string | null;
};

/**
 * Takes up to `most` jobs of the lane and holds them for this process. Owners take turns: after `afterOwner` comes the next one with a ready job,
 * then the next, and back to the first, so that nobody waits for another one's backlog, whatever its length. Of one owner the earliest `rank` comes
 * first.
 *
 * Its cost does not grow with the backlog: the index is skipped from owner to owner, for as many places as there are. Rows that others are claiming
 * at the same moment are skipped.
 */
export async function claimJobs(db: Db, input: { lane: JobLane; most: number; afterOwner: string }): Promise<ClaimedJob[]> {
  const { lane, most, afterOwner } = input;
  const { rows } = await sql<ClaimedJob & { nth: number; place: number }>`
    with recursive next_owners as (
      (select owner_id, 1 as place from job where lane = ${lane} and turn = 'ready' and owner_id > ${afterOwner}
        order by owner_id limit 1)
      union all
      select later.owner_id, place + 1 from next_owners, lateral (
        select owner_id from job where lane = ${lane} and turn = 'ready' and owner_id > next_owners.owner_id
        order by owner_id limit 1) later
      where place < ${most}
    ), first_owners as (
      (select owner_id, ${most} + 1 as place from job where lane = ${lane} and turn = 'ready' order by owner_id limit 1)
      union all
      select later.owner_id, place + 1 from first_owners, lateral (
        select owner_id from job where lane = ${lane} and turn = 'ready' and owner_id > first_owners.owner_id
        order by owner_id limit 1) later
      where place < 2 * ${most} and later.owner_id <= ${afterOwner}
    ), owners as (
      select owner_id, place from next_owners union all select owner_id, place from first_owners
      where owner_id <= ${afterOwner}
      order by place limit ${most}
    ), chosen as (
      select ready.id, place, row_number() over (partition by owners.owner_id order by ready.rank, ready.id) as nth
      from owners, lateral (
        select id, rank from job where lane = ${lane} and turn = 'ready' and owner_id = owners.owner_id
        order by rank, id limit (select ceil(${most} / count(*)::float8) from owners) for update skip locked) ready
      order by nth, place limit ${most}
    )
    update job set
      turn = 'held', heartbeat_at = now(), claim = claim + 1,
      state = case when finished_at is null then 'active' else state end,
      attempts = case when finished_at is null then attempts + 1 else attempts end,
      began_at = case when finished_at is not null then began_at when state = 'active' then coalesce(began_at, now())
        else now() end,
      progress = case when state = 'active' then progress end, message = case when state = 'active' then message end,
      updated_at = now()
    from chosen where job.id = chosen.id
    returning job.id, lane, claim, type, attempts, strikes, cancel_requested_at is not null as cancelled, data,
      owner_id as "ownerId", asset_id as "assetId",
      upload_id as "uploadId", collection, entity_type, entity_id, error, traceparent,
      nth::int, place`.execute(db);
  return rows.toSorted((a, b) => a.nth - b.nth || a.place - b.place).map(({ nth: _nth, place: _place, ...job }) => job);
}

/** How many jobs become ready at a time; the next check follows a second later. */
const mostDue = 1_000;

/** Makes due jobs ready; returns which of the given lanes have ready jobs. */
export async function dueLanes(db: Db, lanes: readonly JobLane[]): Promise<JobLane[]> {
  const { rows } = await sql<{ lane: JobLane }>`
    with due as (
      select id from job where turn = 'later' and start_after <= now() order by start_after limit ${mostDue}
      for update skip locked
    ), moved as (
      update job set turn = 'ready', start_after = null from due where job.id = due.id returning lane
    )
    select lane from jsonb_array_elements_text(${json(lanes)}) as asked (lane)
    where exists (select from job where job.lane = asked.lane and turn = 'ready')
      or exists (select from moved where moved.lane = asked.lane)`.execute(db);
  return rows.map((row) => row.lane);
}
