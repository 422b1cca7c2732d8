import { randomUUIDv7 } from 'node:crypto';

import { isEventName } from '@safelight/contract/events';
import { sql } from '#kysely';

import type { Tx } from '../../lib/context.ts';
import { transact } from '../../lib/transact.ts';
import type { Positions } from '../cursor.ts';
import { readAfter } from '../event-rows.ts';
import type { StoredEvent } from '../stored-event.ts';
import { messageBody } from './message-body.ts';
import type { WebhookContext } from './webhook-context.ts';

/** Per shard; multiplied by the number of endpoints, this is what one transaction writes. */
const batch = 50;

type Follower = { id: string; cursor: Positions; events: string[]; collections: string[] | null; state: 'enabled' | 'disabled' };
type Due = { id: string; endpoint: string; event: number; dead: boolean };

/**
 * Creates the deliveries of the next events and moves the cursors past them, in one transaction: each event once for each endpoint that wants it,
 * whatever crashes meanwhile and however many processes run it. Returns the number of events. Events during which an endpoint is disabled are stored
 * as dead, so that they can be replayed.
 */
export async function fanOut(ctx: WebhookContext): Promise<number> {
  return await transact(ctx.site.db, async (tx) => {
    const followers = await tx
      .selectFrom('webhook_endpoint')
      .select(['id', 'cursor', 'events', 'collections', 'state'])
      .orderBy('id')
      .forNoKeyUpdate()
      .execute();
    let told = 0;
    for (const together of Map.groupBy(followers, ({ cursor }) => cursor.join('.')).values()) told += await advance(ctx, tx, together);
    return told;
  });
}

/** The followers at the same position. */
async function advance(ctx: WebhookContext, tx: Tx, followers: readonly Follower[]): Promise<number> {
  const cursor = followers[0]?.cursor ?? [];
  const events = await readAfter(
    tx,
    cursor.map((seq, shard) => ({ shard, seq })),
    batch,
  );
  if (events.length === 0) return 0;
  const due = events.flatMap((event, index) =>
    followers
      .filter((follower) => wants(follower, event))
      .map(({ id, state }) => ({ id: randomUUIDv7(), endpoint: id, event: index, dead: state === 'disabled' })),
  );
  if (due.length > 0) await write(tx, { events, due, now: ctx.site.clock.now() });
  const moved = [...cursor];
  for (const { shard, seq } of events) moved[shard] = seq;
  await tx
    .updateTable('webhook_endpoint')
    .set({ cursor: JSON.stringify(moved) })
    .where(
      'id',
      'in',
      followers.map(({ id }) => id),
    )
    .execute();
  return events.length;
}

async function write(tx: Tx, { events, due, now }: { events: readonly StoredEvent[]; due: readonly Due[]; now: Date }): Promise<void> {
  const wanted = new Set(due.map(({ event }) => event));
  const bodies = events.flatMap((event, index) =>
    wanted.has(index)
      ? [{ event: index, name: event.name, shard: event.shard, seq: event.seq, media: event.mediaId, at: event.at.toISOString(), body: messageBody(event) }]
      : [],
  );
  await sql`
    insert into webhook_delivery (id, endpoint_id, event, shard, seq, media_id, state, next_at, ended_at, body,
      event_at, created_at)
    select d.id, d.endpoint, e.name, e.shard, e.seq, e.media, case when d.dead then 'dead' else 'pending' end,
      case when d.dead then null else ${now}::timestamptz end, case when d.dead then ${now}::timestamptz end, e.body,
      e.at, ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(due)}::jsonb) as d (id uuid, endpoint uuid, event integer, dead boolean)
    join jsonb_to_recordset(${JSON.stringify(bodies)}::jsonb)
      as e (event integer, name text, shard smallint, seq bigint, media uuid, at timestamptz,
        body text) on e.event = d.event`.execute(tx);
}

/** `*` means everything except progress, so that nobody gets thousands of messages by accident. */
export function wants({ events, collections }: Pick<Follower, 'events' | 'collections'>, event: StoredEvent): boolean {
  if (!isEventName(event.name)) return false;
  if (collections !== null && (event.collection === null || !collections.includes(event.collection))) return false;
  return events.includes(event.name) || (events.includes('*') && !event.name.endsWith('_progress'));
}
