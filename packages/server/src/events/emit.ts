import { sql } from '#kysely';

import type { Tx } from '../lib/context.ts';
import { notifyAfterCommit } from '../lib/notify.ts';
import { keepText, type Given } from '../lib/keep-text.ts';
import { ahead } from '../lib/send-ahead.ts';
import { eventColumns, eventRowOf } from './events-told.ts';
import { shardCount, shardOf } from './shards.ts';
import type { NewEvent } from './stored-event.ts';

/**
 * Emits events within the caller's transaction: followers see them after its commit, in commit order, and never if it rolls back. Call it last before
 * the commit: from here on other writers of the same shard wait.
 */
export async function emit(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  // In ascending order, so that two transactions with several shards cannot deadlock.
  for (let shard = 0; shard < shardCount; shard++) {
    const told = events.filter((event) => shardOf(event.ownerId) === shard);
    if (told.length === 0) continue;
    await append(tx, shard, told);
    notifyAfterCommit(tx, 'events', String(shard));
  }
}

/** One statement, sent together with the commit: locks the shard's counter until then, and inserts the rows under the numbers from it. */
async function append(tx: Tx, shard: number, events: readonly NewEvent[]): Promise<void> {
  const rows = events.map((event, index) => ({ ord: index + 1, ...eventRowOf(event) }));
  await appendRows(tx, '', appended, { shard, count: rows.length, rows: JSON.stringify(rows) });
}

type Value = 'shard' | 'count' | 'rows';
const appendRows = keepText<unknown, Value>();

const appended = (given: Given<Value>) => sql`${ahead}
  with counter as (update event_shard set last = last + ${given('count')} where shard = ${given('shard')} returning last)
  insert into event (shard, seq, name, owner_id, collection, entity_type, entity_id, job_id, media_id, payload)
  select ${given('shard')}, counter.last - ${given('count')} + e.ord, e.name, e.owner, e.collection, e."entityType",
    e."entityId", e.job, e.media, e.payload
  from counter, jsonb_to_recordset(${given('rows')}::jsonb) as e (ord integer, ${eventColumns})`;
