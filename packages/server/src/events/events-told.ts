import { sql, type RawBuilder } from '#kysely';

import { shardOf } from './shards.ts';
import type { NewEvent } from './stored-event.ts';

/** An event as a row of JSON, with its shard. */
export const eventRowOf = (event: NewEvent) => ({
  shard: shardOf(event.ownerId),
  name: event.name,
  owner: event.ownerId,
  collection: event.collection,
  entityType: event.entity?.type,
  entityId: event.entity?.id,
  job: event.jobId,
  media: event.mediaId,
  payload: event.payload,
});

/** The columns of such a row. */
export const eventColumns = sql`name text, owner text, collection text, "entityType" text, "entityId" text, job uuid, media uuid, payload jsonb`;

/**
 * Emits events as a part of a statement that is a transaction by itself, which saves two round trips: common table expressions for its end, after one
 * named `told` that gives each event (`eventRowOf`) a position (`ord`) among those of its `shard`, from 1. Counters are locked in the order of their
 * shards, so that no two writers deadlock; as with `emit`, other writers of these shards wait from here to the commit. The caller notifies of the
 * shards after it.
 */
export const eventsTold: RawBuilder<unknown> = sql`
  counted as materialized (select shard, count(*) as count from told group by shard),
  locked as materialized (
    select shard from event_shard where shard in (select shard from counted) order by shard for update
  ),
  counter as (
    update event_shard set last = event_shard.last + counted.count from counted join locked using (shard)
    where event_shard.shard = counted.shard returning event_shard.shard, event_shard.last - counted.count as before
  ),
  emitted as (
    insert into event (shard, seq, name, owner_id, collection, entity_type, entity_id, job_id, media_id, payload)
    select told.shard, counter.before + told.ord, e.name, e.owner, e.collection, e."entityType", e."entityId", e.job,
      e.media, e.payload
    from told join counter using (shard), jsonb_to_record(told.event) as e (${eventColumns})
  )`;
