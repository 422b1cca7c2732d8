import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { prepared } from './prepared.ts';

const known = prepared<{ name: string }>('known_statements', 'select name from pg_prepared_statements where name like $1');
const failing = prepared<{ answer: number }>('failing', 'select 1 / $1::int as answer');

test('is planned once on a connection and asked again by name', async () => {
  const { db } = await testDatabase({ max: 1 });
  await known(db, ['known%']);
  expect(await known(db, ['known%'])).toEqual([{ name: 'known_statements' }]);
});

test('answers all the same when the session has forgotten it, as behind some poolers, and is not prepared again', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  await known(db, ['known%']);
  await pool.query('deallocate all');
  expect(await known(db, ['known%'])).toEqual([]);
  expect(await known(db, ['known%'])).toEqual([]);
});

test('answers all the same when another statement has its name', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  await pool.query('prepare known_statements as select 1');
  expect(await known(db, ['nothing'])).toEqual([]);
});

test('passes on what goes wrong in the statement itself', async () => {
  const { db } = await testDatabase({ max: 1 });
  await expect(failing(db, [0])).rejects.toThrow('division by zero');
  expect(await failing(db, [1])).toEqual([{ answer: 1 }]);
});

test('is asked in the ordinary way inside a transaction', async () => {
  const { db } = await testDatabase({ max: 1 });
  await db.transaction().execute(async (tx) => expect(await known(tx, ['known%'])).toEqual([]));
});
