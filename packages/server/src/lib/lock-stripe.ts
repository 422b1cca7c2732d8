import { type RawBuilder, sql } from '#kysely';

import type { Tx } from './context.ts';
import { ahead } from './send-ahead.ts';

const stripes = 256;

/** The number of a name's stripe, as an expression for a query. Two names may share one; then they wait for each other, with no other effect. */
export const stripeOf = (name: RawBuilder<unknown>): RawBuilder<number> => sql<number>`(hashtextextended(${name}, 0) & ${sql.lit(stripes - 1)})`;

/** Locks this name in the room until the transaction ends, and waits until nobody else holds it. */
export async function lockStripe(tx: Tx, room: string, name: RawBuilder<unknown>): Promise<void> {
  await sql`${ahead}select hold_stripe(${room}, ${stripeOf(name)})`.execute(tx);
}

/** The same for the names in a JSON array, in the order of their stripes, so that two that lock several cannot deadlock. */
export async function lockStripes(tx: Tx, room: string, names: string): Promise<void> {
  await sql`${ahead}
    select hold_stripe(${room}, number) from (
      select distinct ${stripeOf(sql`name::text`)} as number
      from jsonb_array_elements(${names}::jsonb) as given (name)
      order by number
    ) as stripes`.execute(tx);
}

/** Locks the whole room until the transaction ends, and waits until nobody holds any name in it. */
export async function lockRoom(tx: Tx, room: string): Promise<void> {
  // Waits for a process that creates the same room at the same time.
  await sql`
    insert into stripe (room, number) select ${room}::text, number
    from generate_series(0, ${sql.lit(stripes - 1)}) as number
    where not exists (select from stripe where room = ${room}) order by number on conflict do nothing`.execute(tx);
  await sql`select number from stripe where room = ${room} order by number for update`.execute(tx);
}
