import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import type { Tx } from './context.ts';
import { lockRoom, lockStripe } from './lock-stripe.ts';
import { transact } from './transact.ts';

const { db } = await testDatabase({ max: 8 });

const name = (text: string) => sql`${text}::text`;

// Creating a room holds all of its stripes, once.
for (const room of ['shop', 'house', 'rules']) await transact(db, async (tx) => await lockRoom(tx, room));

/** A transaction that locks and then waits to be released; its progress is recorded in order. */
function holder(lock: (tx: Tx) => Promise<void>, as: string, said: string[]) {
  const [locked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ended = transact(db, async (tx) => {
    await lock(tx);
    // The lock was only sent: the next statement runs under it.
    await sql`select 1`.execute(tx);
    said.push(as);
    locked.resolve();
    await go.promise;
  });
  return { locked: locked.promise, end: async () => (go.resolve(), await ended) };
}

const waiting = async (): Promise<number> =>
  (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db)).rows.length;

test('the same name is held by one transaction at a time, and other names and rooms are independent', async () => {
  const said: string[] = [];
  const first = holder(async (tx) => await lockStripe(tx, 'shop', name('ada')), 'first', said);
  await first.locked;
  const second = holder(async (tx) => await lockStripe(tx, 'shop', name('ada')), 'second', said);
  await expect.poll(waiting).toBe(1);
  const others = ['bob', 'carol'].map((who) => holder(async (tx) => await lockStripe(tx, 'shop', name(who)), who, said));
  const elsewhere = holder(async (tx) => await lockStripe(tx, 'house', name('ada')), 'elsewhere', said);
  await Promise.all([...others, elsewhere].map(({ locked }) => locked));
  expect(said).not.toContain('second');
  await Promise.all([first, ...others, elsewhere].map(({ end }) => end()));
  await second.locked;
  await second.end();
});

test('a transaction that wants the whole room waits for those in it, and later ones wait behind it', async () => {
  const said: string[] = [];
  const inside = holder(async (tx) => await lockStripe(tx, 'rules', name('ada')), 'inside', said);
  await inside.locked;
  const whole = holder(async (tx) => await lockRoom(tx, 'rules'), 'whole', said);
  await expect.poll(waiting).toBe(1);
  const later = holder(async (tx) => await lockStripe(tx, 'rules', name('ada')), 'later', said);
  await expect.poll(waiting).toBe(2);
  await inside.end();
  await whole.locked;
  await whole.end();
  await later.locked;
  await later.end();
  expect(said).toEqual(['inside', 'whole', 'later']);
});

test('a room that many enter at once for the first time is created once', async () => {
  let inside = 0;
  const most: number[] = [];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      await transact(db, async (tx) => {
        await lockStripe(tx, 'new', name('ada'));
        await sql`select 1`.execute(tx);
        most.push(++inside);
        await sql`select 1`.execute(tx);
        inside--;
      });
    }),
  );
  expect(most).toEqual([1, 1, 1, 1, 1, 1]);
  expect((await db.selectFrom('stripe').select('number').where('room', '=', 'new').execute()).length).toBe(256);
});
