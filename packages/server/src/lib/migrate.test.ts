import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { formerDigests, formerNames, isOfFirstRelease } from './former-migrations.ts';
import { migrate, MigrationRefused, migrationStatus } from './migrate.ts';

const { pool, connectionString } = await testDatabase({ migrated: false });

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'safelight-migrations-'));
  await pool.query('drop schema public cascade; create schema public');
  await write('0001_shelf.sql', 'create table shelf (id int primary key); insert into shelf values (1);');
  await write('0002_book.sql', 'create table book (shelf int references shelf);');
});

afterEach(() => rm(directory, { recursive: true }));

const write = (name: string, sql: string): Promise<void> => writeFile(path.join(directory, name), sql);

test('applies missing files, in order, and returns their names', async () => {
  expect(await migrate(pool, { directory })).toEqual(['0001_shelf.sql', '0002_book.sql']);
  expect(await migrate(pool, { directory })).toEqual([]);
  await write('0003_page.sql', 'create table page (id int);');
  expect(await migrate(pool, { directory })).toEqual(['0003_page.sql']);
});

test('sends one query if there is nothing to do', async () => {
  await migrate(pool, { directory });
  const asked: unknown[] = [];
  const counting = { query: (question: string) => (asked.push(question), pool.query(question)) };
  await migrate(counting as unknown as pg.Pool, { directory });
  expect(asked).toHaveLength(1);
});

test('applies each file once when several processes start together', async () => {
  const pools = Array.from({ length: 12 }, () => new pg.Pool({ connectionString, max: 1 }));
  try {
    const applied = await Promise.all(pools.map((own) => migrate(own, { directory })));
    expect(applied.flat().toSorted()).toEqual(['0001_shelf.sql', '0002_book.sql']);
    expect((await pool.query('select from shelf')).rowCount).toBe(1);
  } finally {
    await Promise.all(pools.map((own) => own.end()));
  }
});

test('rolls back a file that fails, keeps those before it, and names it', async () => {
  await write('0003_broken.sql', 'create table half (id int); select from nowhere;');
  await expect(migrate(pool, { directory })).rejects.toThrow(/0003_broken\.sql failed and was undone: relation "nowhere" does not exist/);
  expect((await migrationStatus(pool, { directory })).applied).toEqual(['0001_shelf.sql', '0002_book.sql']);
  expect((await pool.query(`select to_regclass('half') as half`)).rows).toEqual([{ half: null }]);
});

test('a user who may not create tables is told how to get that right', async () => {
  const role = `guest_${crypto.randomUUID().slice(0, 8)}`;
  await pool.query(`create role ${role}; grant usage on schema public to ${role}`);
  const guest = new pg.Pool({ connectionString, max: 1, options: `-c role=${role}` });
  try {
    await expect(migrate(guest, { directory })).rejects.toMatchObject({ name: 'MigrationRefused', message: expect.stringContaining('alter database') });
  } finally {
    await guest.end();
    await pool.query(`drop owned by ${role}; drop role ${role}`);
  }
});

test('refuses a file that was edited after it was applied, and applies nothing', async () => {
  await migrate(pool, { directory });
  await write('0002_book.sql', 'create table book (id int);');
  await write('0003_page.sql', 'create table page (id int);');
  await expect(migrate(pool, { directory })).rejects.toThrow(/0002_book\.sql was edited after it was applied/);
  expect((await migrationStatus(pool, { directory })).applied).not.toContain('0003_page.sql');
});

test('does not mistake other line ends for an edit', async () => {
  await write('0001_shelf.sql', 'create table shelf (id int primary key);\n');
  await migrate(pool, { directory });
  await write('0001_shelf.sql', 'create table shelf (id int primary key);\r\n');
  expect(await migrate(pool, { directory })).toEqual([]);
});

test('accepts additions of a later release, and refuses to run after a removal', async () => {
  await write('0003_page.sql', 'create table page (id int);');
  await migrate(pool, { directory });
  await rm(path.join(directory, '0003_page.sql'));
  expect(await migrate(pool, { directory })).toEqual([]);
  expect(await migrationStatus(pool, { directory })).toMatchObject({ newer: ['0003_page.sql'], problems: [] });
  await write('0003_page.sql', 'create table page (id int);');
  await write('0004_no_book.sql', '-- contract: nothing reads it since 0003\ndrop table book;');
  expect(await migrationStatus(pool, { directory })).toMatchObject({ pending: ['0004_no_book.sql'], contracting: ['0004_no_book.sql'] });
  await migrate(pool, { directory });
  await rm(path.join(directory, '0004_no_book.sql'));
  await expect(migrate(pool, { directory })).rejects.toThrow(/newer than this Safelight: it has 0004_no_book\.sql/);
});

test('a database from before migrations had kinds is migrated, and refused by a release that does not know its last file', async () => {
  await migrate(pool, { directory });
  await pool.query('alter table schema_migration drop column kind');
  await write('0003_page.sql', 'create table page (id int);');
  expect(await migrate(pool, { directory })).toEqual(['0003_page.sql']);
  await rm(path.join(directory, '0003_page.sql'));
  await rm(path.join(directory, '0002_book.sql'));
  await expect(migrate(pool, { directory })).rejects.toThrow(/it has 0002_book\.sql, with which/);
});

test('files after the first release take nothing away from servers of the previous release, or say so in their first line', async () => {
  const folder = path.resolve(import.meta.dirname, '../../migrations');
  const names = (await readdir(folder)).filter((name) => !isOfFirstRelease(name));
  const taking = /\bdrop\s+(table|column|view)\b|\brename\b|\bset\s+not\s+null\b|\balter\s+(column\s+)?\w+\s+(set\s+data\s+)?type\b/i;
  for (const name of names) {
    const text = await readFile(path.join(folder, name), 'utf8');
    const statements = text.replaceAll(/--.*$/gm, '');
    // A statement that only looks like a removal is explained in the first line.
    expect(/^-- (contract|expand):/.test(text) || !taking.test(statements), name).toBe(true);
  }
});

test('refuses a new file before one that was applied', async () => {
  await rm(path.join(directory, '0001_shelf.sql'));
  await write('0002_book.sql', 'create table book (id int);');
  await migrate(pool, { directory });
  await write('0001_shelf.sql', 'create table shelf (id int);');
  await expect(migrate(pool, { directory })).rejects.toThrow(/0001_shelf\.sql comes before 0002_book\.sql/);
});

test.each(['2_page.sql', '0003-page.sql', '0002_twice.sql'])('refuses the file name %s', async (name) => {
  await write(name, 'select 1');
  await expect(migrate(pool, { directory })).rejects.toThrow(MigrationRefused);
});

test('status lists what would be applied and what would be refused, and changes nothing', async () => {
  expect(await migrationStatus(pool, { directory })).toEqual({
    applied: [],
    pending: ['0001_shelf.sql', '0002_book.sql'],
    contracting: [],
    newer: [],
    problems: [],
  });
  await migrate(pool, { directory });
  await write('0001_shelf.sql', 'select 1;');
  await write('0003_page.sql', 'create table page (id int);');
  const status = await migrationStatus(pool, { directory });
  expect(status.pending).toEqual(['0003_page.sql']);
  expect(status.problems).toEqual([expect.stringContaining('0001_shelf.sql was edited')]);
  expect((await pool.query(`select to_regclass('page') as page`)).rows).toEqual([{ page: null }]);
});

test('the migrations of this repository apply to an empty database', async () => {
  const applied = await migrate(pool);
  expect(applied[0]).toBe('0001_records.sql');
  expect(await migrate(pool)).toEqual([]);
});

const register = async (names: readonly string[]): Promise<void> => {
  await pool.query('delete from schema_migration');
  await pool.query(`insert into schema_migration (name, sha256, kind) select name, 'of-then', 'expand' from unnest($1::text[]) as name`, [names]);
};

test('a database from before the first release with its whole schema is read as one of the first release, whatever its registered names', async () => {
  const own = await migrate(pool);
  await register(formerNames);
  expect(await migrationStatus(pool)).toMatchObject({ pending: own.filter((name) => !isOfFirstRelease(name)), newer: [], problems: [] });
  expect((await migrationStatus(pool)).applied).toEqual(own.filter(isOfFirstRelease));
  // Later files are still told apart, and the register stays readable for the servers that wrote it.
  await register([...formerNames, ...own.filter((name) => !isOfFirstRelease(name)), '9999_of_tomorrow.sql']);
  expect(await migrationStatus(pool)).toMatchObject({ newer: ['9999_of_tomorrow.sql'] });
  const { rows } = await pool.query<{ name: string }>('select name from schema_migration order by name');
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(formerNames));
});

test('a database from before the first release with an incomplete schema is left unchanged, with a sentence on how to continue', async () => {
  await migrate(pool);
  await register(formerNames.slice(0, 3));
  await expect(migrate(pool)).rejects.toThrow(/stands at 0003_events\.sql\. Start it once with the last version that still has the file 0063/);
});

test('a database whose first files had other comments is up to date', async () => {
  const own = await migrate(pool);
  await pool.query(`update schema_migration set sha256 = $1 where name = '0001_records.sql'`, [[...formerDigests][0]]);
  expect(await migrationStatus(pool)).toMatchObject({ applied: own, pending: [], problems: [] });
});
