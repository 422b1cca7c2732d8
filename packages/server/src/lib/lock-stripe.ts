import { type RawBuilder, sql } from '#kysely';

import type { Tx } from './context.ts';

const stripes = 256;

/** The number of the stripe that a name falls on: an expression for a query. Two names may share one; they then wait for each other, and nothing else. */
export const stripeOf = (name: RawBuilder<unknown>): RawBuilder<number> => sql<number>`(hashtextextended(${name}, 0) & ${sql.lit(stripes - 1)})`;

/** Waits until nobody else holds this name in the room, and keeps everybody else out until the transaction ends. */
export async function lockStripe(tx: Tx, room: string, name: RawBuilder<unknown>): Promise<void> {
  const lock = async (): Promise<boolean> => {
    const { rows } = await sql`
      select number from stripe where room = ${room} and number = ${stripeOf(name)} for update`.execute(tx);
    return rows.length === 1;
  };
  if (await lock()) return;
  await addRoom(tx, room);
  if (!(await lock())) throw new Error(`the room ${room} has no stripe to lock`);
}

/** Waits until nobody holds any name in the room, and keeps everybody out of all of it until the transaction ends. */
export async function lockRoom(tx: Tx, room: string): Promise<void> {
  await addRoom(tx, room);
  await sql`select number from stripe where room = ${room} order by number for update`.execute(tx);
}

/** Waits for a process that makes the same room at the same time. */
async function addRoom(tx: Tx, room: string): Promise<void> {
  await sql`
    insert into stripe (room, number) select ${room}::text, number
    from generate_series(0, ${sql.lit(stripes - 1)}) as number
    where not exists (select from stripe where room = ${room}) order by number on conflict do nothing`.execute(tx);
}
