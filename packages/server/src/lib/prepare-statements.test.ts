import { getHeapSpaceStatistics } from 'node:v8';

import { sql } from '#kysely';
import { expect, onTestFinished, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import type { Db, Tx } from './context.ts';
import { isUnreachable, openDatabase, transaction } from './database.ts';
import { createLog } from './log.ts';
import { requireWritable } from './require-writable.ts';
import { socketOf } from './socket-of.ts';

const add = async (db: Db | Tx, to: number): Promise<number | undefined> => (await sql<{ sum: number }>`select ${to}::int + 1 as sum`.execute(db)).rows[0]?.sum;
const preparedTexts = async (db: Db | Tx): Promise<string[]> =>
  (await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(db)).rows.map((row) => row.statement);

const oldBytes = (): number => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;

async function askOften(db: Db): Promise<void> {
  for (let time = 0; time < 6; time++) expect(await add(db, time)).toBe(time + 1);
}

test('frequent statements are prepared, rare ones are not', async () => {
  const { db } = await testDatabase({ max: 1 });
  await add(db, 1);
  expect(await preparedTexts(db)).toEqual([]);
  await askOften(db);
  expect(await preparedTexts(db)).toEqual([expect.stringContaining('+ 1 as sum')]);
});

test('statements without parameters are prepared too, those that begin and end transactions are not', async () => {
  const { db } = await testDatabase({ max: 1 });
  for (let time = 0; time < 6; time++) await transaction(db, async (tx) => await sql`select 1 as one`.execute(tx));
  expect(await preparedTexts(db)).toEqual(['select 1 as one']);
});

test('after a session has lost its statements, they are sent unprepared, then and from then on', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  await askOften(db);
  await pool.query('deallocate all');
  expect(await add(db, 41)).toBe(42);
  await askOften(db);
  expect(await preparedTexts(db)).toEqual([]);
});

test('a transaction in a session that has lost its statements runs again from its beginning', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  await pool.query('create table note (text text)');
  await askOften(db);
  await pool.query('deallocate all');
  const sum = await transaction(db, async (tx) => {
    await sql`insert into note values (${'once'})`.execute(tx);
    return await add(tx, 41);
  });
  expect(sum).toBe(42);
  expect((await pool.query('select * from note')).rows).toEqual([{ text: 'once' }]);
});

test('after a commit that was refused, statements are sent unprepared as after any other', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  await pool.query('create table note (text text unique deferrable initially deferred)');
  await askOften(db);
  const twice = transaction(db, async (tx) => await sql`insert into note values (${'twice'}), (${'twice'})`.execute(tx));
  await expect(twice).rejects.toThrow('duplicate key');
  await pool.query('deallocate all');
  expect(await add(db, 41)).toBe(42);
});

test('two processes that share a session never run each other’s statements, whatever their names', async () => {
  const { db, pool, connectionString } = await testDatabase({ max: 1 });
  await askOften(db);
  const [mine] = (await pool.query<{ name: string }>('select name from pg_prepared_statements')).rows;
  expect(mine?.name).toMatch(/^safelight_[0-9a-f]{32}$/);
  const other = openDatabase({ connection: connectionString, log: createLog({ level: 'silent' }), max: 1 });
  onTestFinished(other.close);
  for (let time = 0; time < 6; time++) await sql`select ${1}::int as other`.execute(other.db);
  const theirs = (await other.pool.query<{ name: string }>('select name from pg_prepared_statements')).rows.map(({ name }) => name);
  expect(theirs).not.toContain(mine?.name);
  await askOften(other.db);
  const shared = (await other.pool.query<{ name: string }>("select name from pg_prepared_statements where statement like '%+ 1 as sum%'")).rows;
  expect(shared).toEqual([mine]);
});

test('a session in which another process has taken the name already gets the statement unprepared', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  await askOften(db);
  const [mine] = (await pool.query<{ name: string }>('select name from pg_prepared_statements')).rows;
  const fresh = openDatabase({ connection: pool.options, log: createLog({ level: 'silent' }), max: 1 });
  onTestFinished(fresh.close);
  await fresh.pool.query(`prepare ${mine?.name} as select $1::int + 1 as sum`);
  await askOften(fresh.db);
});

test('an abandoned transaction releases its locks, and reports that by itself, not as a lost connection', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  const limit = async (on: Db | Tx) => (await sql<{ limit: string }>`select current_setting('idle_in_transaction_session_timeout') as limit`.execute(on)).rows;
  const before = await limit(db);
  expect(await transaction(db, limit)).toEqual([{ limit: '8s' }]);
  expect(await limit(db)).toEqual(before);
  expect(pool.options).not.toHaveProperty('idle_in_transaction_session_timeout');
});

test('a read-only database counts as unreachable, and its connection is not used again', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  const backend = async () => (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid;
  const first = await backend();
  await pool.query('set default_transaction_read_only = on');
  await expect(requireWritable(db)).rejects.toSatisfy(isUnreachable);
  expect(await backend()).not.toBe(first);
  await requireWritable(db);
});

test('a connection that is lost in the moment in which it opens counts as unreachable, like one that is lost later', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  pool.once('connect', (client) => socketOf(client)?.destroy(new Error('read ECONNRESET')));
  await expect(add(db, 1)).rejects.toSatisfy(isUnreachable);
  expect(await add(db, 1)).toBe(2);
});

test('a session that Postgres has ended is not used again', async () => {
  const { db } = await testDatabase({ max: 1 });
  for (let time = 0; time < 5; time++) {
    await expect(sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)).rejects.toSatisfy(isUnreachable);
    expect(await add(db, time)).toBe(time + 1);
  }
});

test('columns that a migration has changed are returned in their new form', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  await pool.query('create table note (id int); insert into note values (7)');
  const read = async () => (await sql`select * from note where id = ${7}`.execute(db)).rows;
  for (let time = 0; time < 6; time++) await read();
  await pool.query("alter table note add column text text default 'new'");
  expect(await read()).toEqual([{ id: 7, text: 'new' }]);
});

test('does not prepare an unlimited number', async () => {
  const { db } = await testDatabase({ max: 1 });
  for (let text = 0; text < 120; text++) for (let time = 0; time < 5; time++) await sql`select ${1}::int as ${sql.ref(`c${text}`)}`.execute(db);
  expect((await preparedTexts(db)).length).toBe(100);
});

test('passes on errors of a statement itself', async () => {
  const { db } = await testDatabase({ max: 1 });
  const divide = async (by: number) => (await sql`select 1 / ${by}::int as answer`.execute(db)).rows;
  for (let time = 0; time < 6; time++) await divide(1);
  await expect(divide(0)).rejects.toThrow('division by zero');
  expect(await divide(1)).toEqual([{ answer: 1 }]);
});

test('rows that were read and used are collected while they are young', async () => {
  const { db } = await testDatabase({ max: 1 });
  const read = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) await sql`select n, 'the text of row ' || n as text from generate_series(1, 200) n`.execute(db);
  };
  await read(100);
  const before = oldBytes();
  await read(500);
  expect(oldBytes() - before).toBeLessThan(4 * 2 ** 20);
});
