import { type RawBuilder, sql } from '#kysely';

import type { Tx } from './context.ts';
import { ahead } from './send-ahead.ts';

const stripes = 256;

/** The number of the stripe that a name falls on: an expression for a query. Two names may share one; they then wait for each other, and nothing else. */
export const stripeOf = (name: RawBuilder<unknown>): RawBuilder<number> => sql<number>`(hashtextextended(${name}, 0) & ${sql.lit(stripes - 1)})`;

/** Has whatever follows in the transaction wait until nobody else holds this name in the room, and keeps everybody else out until it ends. */
export async function lockStripe(tx: Tx, room: string, name: RawBuilder<unknown>): Promise<void> {
  await sql`${ahead}select hold_stripe(${room}, ${stripeOf(name)})`.execute(tx);
}

/** Waits until nobody holds any name in the room, and keeps everybody out of all of it until the transaction ends. */
export async function lockRoom(tx: Tx, room: string): Promise<void> {
  // Waits for a process that makes the same room at the same time.
  await sql`
    insert into stripe (room, number) select ${room}::text, number
    from generate_series(0, ${sql.lit(stripes - 1)}) as number
    where not exists (select from stripe where room = ${room}) order by number on conflict do nothing`.execute(tx);
  await sql`select number from stripe where room = ${room} order by number for update`.execute(tx);
}
