import type pg from 'pg';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { requirePostgres, UnsupportedDatabase } from './require-postgres.ts';

const { pool, connectionString } = await testDatabase({ migrated: false });

/** A database with these answers to the two queries. */
const database = (version: string, tables: string[] = []) =>
  ({
    query: async (question: string) => ({ rows: question.includes('version()') ? [{ version }] : tables.map((name) => ({ name })) }),
  }) as unknown as Pick<pg.Pool, 'query'>;

test('a PostgreSQL passes, even with a schema of its own called sys', async () => {
  await expect(requirePostgres(pool, connectionString)).resolves.toBeUndefined();
  await pool.query('create schema sys; create table sys.jobs (id int)');
  await expect(requirePostgres(pool, connectionString)).resolves.toBeUndefined();
});

test.each([
  ['CockroachDB', 'CockroachDB CCL v25.2.1 (x86_64-pc-linux-gnu, built 2025/06/04 00:00:00, go1.23.7)', 'postgres://u@db.example:26257/d', []],
  ['CockroachDB', 'PostgreSQL 16.0', 'postgres://u@db.example/d', ['crdb_internal.node_build_info']],
  ['Aurora DSQL', 'PostgreSQL 16', 'postgres://admin@abc123.dsql.us-east-1.on.aws/postgres', []],
  ['Aurora DSQL', 'PostgreSQL 16', 'postgres://admin@127.0.0.1/postgres', ['sys.jobs', 'sys.iam_pg_role_mappings']],
  ['Spanner', 'PostgreSQL 14.1', 'postgres://u@127.0.0.1/d', ['spanner_sys.lock_stats_top_minute']],
])('%s is refused with a sentence that says what it lacks and what to use', async (name, version, url, tables) => {
  const refusal = requirePostgres(database(version, tables), url);
  await expect(refusal).rejects.toThrow(UnsupportedDatabase);
  await expect(refusal).rejects.toThrow(new RegExp(`is ${name}, on which Safelight does not run: it has no .*Use PostgreSQL 15 or later`));
});

test.each(['PostgreSQL 14.9 on x86_64', 'PostgreSQL 8.0.2 (Redshift 1.0)', 'Something else'])('"%s" is refused', async (version) => {
  await expect(requirePostgres(database(version), 'postgres://u@h/d')).rejects.toThrow(/Use PostgreSQL 15 or later/);
});
