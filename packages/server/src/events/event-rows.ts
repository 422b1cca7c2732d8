import type { EventName } from '@safelight/contract/events';
import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import type { Positions } from './cursor.ts';
import { shardCount } from './shards.ts';
import type { StoredEvent } from './stored-event.ts';
import { entityOf } from '../lib/reach.ts';

/** The number of the last durable event of each shard. */
export async function readHeads(db: Db): Promise<Positions> {
  const last = new Map((await db.selectFrom('event_shard').selectAll().execute()).map((row) => [row.shard, row.last]));
  return Array.from({ length: shardCount }, (_, shard) => last.get(shard) ?? 0);
}

/**
 * Up to `limit` events of each given shard, in its order. A shard assigns numbers in commit order, and a rollback returns them, so one statement sees
 * no holes: anything missing below the last one was pruned.
 */
export async function readAfter(db: Db, after: readonly { shard: number; seq: number }[], limit: number): Promise<StoredEvent[]> {
  const { rows } = await sql<EventRow>`
    select e.* from jsonb_to_recordset(${JSON.stringify(after)}::jsonb) as a (shard smallint, seq bigint)
    cross join lateral (select * from event where event.shard = a.shard and event.seq > a.seq order by event.seq
      limit ${limit}) e
    order by e.shard, e.seq`.execute(db);
  return rows.map(storedEvent);
}

/** All events of one job so far, except its progress, which is on the job itself. */
export async function readStory(db: Db, jobId: string, upTo: Positions): Promise<StoredEvent[]> {
  const { rows } = await sql<EventRow>`
    select * from event where job_id = ${jobId}::uuid and name not like '%\\_progress' order by shard, seq`.execute(db);
  return rows.map(storedEvent).filter((event) => event.seq <= (upTo[event.shard] ?? 0));
}

type EventRow = {
  shard: number;
  seq: number;
  name: string;
  at: Date;
  owner_id: string;
  collection: string | null;
  entity_type: string | null;
  entity_id: string | null;
  job_id: string | null;
  media_id: string | null;
  payload: Record<string, unknown>;
};

const storedEvent = (row: EventRow): StoredEvent => ({
  shard: row.shard,
  seq: row.seq,
  // Only `emit` writes it.
  name: row.name as EventName,
  at: row.at,
  ownerId: row.owner_id,
  collection: row.collection,
  entity: entityOf(row),
  jobId: row.job_id,
  mediaId: row.media_id,
  payload: row.payload,
});
