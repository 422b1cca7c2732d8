import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { transaction } from './database.ts';
import { ahead } from './send-ahead.ts';

const notes = async () => {
  const { db, pool } = await testDatabase({ max: 2 });
  await pool.query('create table note (text text primary key)');
  const texts = async () => (await pool.query<{ text: string }>('select text from note order by text')).rows.map(({ text }) => text);
  return { db, pool, texts, write: (text: string) => sql`${ahead}insert into note values (${text})` };
};

test('a statement that was sent ahead is executed before the next one, and committed with it', async () => {
  const { db, texts, write } = await notes();
  const seen = await transaction(db, async (tx) => {
    await write('a').execute(tx);
    return (await sql`select text from note`.execute(tx)).rows;
  });
  expect(seen).toEqual([{ text: 'a' }]);
  expect(await texts()).toEqual(['a']);
});

test('as the last statement of a transaction it is committed, also as the only one', async () => {
  const { db, texts, write } = await notes();
  await transaction(db, async (tx) => {
    await sql`insert into note values ('a')`.execute(tx);
    await write('b').execute(tx);
  });
  await transaction(db, async (tx) => void (await write('c').execute(tx)));
  expect(await texts()).toEqual(['a', 'b', 'c']);
});

test('its error is thrown by the commit, and nothing is committed', async () => {
  const { db, texts, write } = await notes();
  await transaction(db, async (tx) => void (await write('a').execute(tx)));
  const twice = transaction(db, async (tx) => {
    await sql`insert into note values ('b')`.execute(tx);
    await write('a').execute(tx);
  });
  await expect(twice).rejects.toMatchObject({ code: '23505' });
  expect(await texts()).toEqual(['a']);
});

test('a transaction that its commit has ended is not rolled back besides, which Postgres would log as a warning', async () => {
  const { db, pool, write } = await notes();
  const warnings: string[] = [];
  pool.on('acquire', (client) => client.on('notice', ({ message }) => warnings.push(message ?? '')));
  await transaction(db, async (tx) => void (await write('a').execute(tx)));
  await expect(transaction(db, async (tx) => void (await write('a').execute(tx)))).rejects.toMatchObject({ code: '23505' });
  expect(warnings).toEqual([]);
});

test('or by the next statement, which has no error of its own', async () => {
  const { db, texts, write } = await notes();
  const twice = transaction(db, async (tx) => {
    await write('a').execute(tx);
    await write('a').execute(tx);
    await sql`select 1`.execute(tx);
  });
  await expect(twice).rejects.toMatchObject({ code: '23505' });
  expect(await texts()).toEqual([]);
});

test('a transaction that is abandoned rolls it back, even if it failed', async () => {
  const { db, texts, write } = await notes();
  for (const many of [1, 2]) {
    const givenUp = transaction(db, async (tx) => {
      for (let time = 0; time < many; time++) await write('a').execute(tx);
      throw new Error('given up');
    });
    await expect(givenUp).rejects.toThrow('given up');
  }
  expect(await texts()).toEqual([]);
});

test('a transaction without statements is not begun, and its connection can be used again', async () => {
  const { db, texts, write } = await notes();
  await transaction(db, async () => undefined);
  await expect(transaction(db, () => Promise.reject(new Error('nothing')))).rejects.toThrow('nothing');
  await transaction(db, async (tx) => void (await write('a').execute(tx)));
  expect(await texts()).toEqual(['a']);
});

test('a transaction whose statement sent ahead met a deadlock runs again', async () => {
  const { db, texts } = await notes();
  let runs = 0;
  await transaction(db, async (tx) => {
    runs += 1;
    await sql`insert into note values (${`run ${runs}`})`.execute(tx);
    if (runs === 1) await sql`${ahead}do $$ begin raise exception using errcode = '40P01'; end $$`.execute(tx);
  });
  expect(await texts()).toEqual(['run 2']);
});

test('outside of a transaction it is a statement like any other', async () => {
  const { db, texts, write } = await notes();
  await write('a').execute(db);
  await expect(write('a').execute(db)).rejects.toMatchObject({ code: '23505' });
  expect(await texts()).toEqual(['a']);
});
