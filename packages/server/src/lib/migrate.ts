import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type pg from 'pg';

/** The same from `src/lib` and from the built `dist/lib`. */
const migrationsDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..', 'migrations');

/** The migrations and the database contradict each other; only a person can say which is right. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

export type MigrationStatus = {
  applied: string[];
  /** What `migrate` would apply, in order. */
  pending: string[];
  /** Why `migrate` would refuse, as sentences; empty when it would not. */
  problems: string[];
};

type Migration = { name: string; sql: string; sha256: string };

const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/;

/** Any number that nobody else in the database locks; it holds until the transaction ends. */
const lock = 727_001;

/**
 * Brings the database to what this code expects, and answers the names of the files it applied. Each file is one transaction, under a lock,
 * so that any number of processes may call this at once. With nothing to do it is one query.
 *
 * Throws `MigrationRefused` when an applied file was edited, when the database is newer than this code, and when files are out of order;
 * nothing has been changed then.
 */
export async function migrate(pool: pg.Pool, options: { directory?: string; signal?: AbortSignal } = {}): Promise<string[]> {
  const migrations = await readMigrations(options.directory ?? migrationsDirectory);
  const { pending, problems } = compare(migrations, await readApplied(pool));
  if (problems.length > 0) throw new MigrationRefused(problems.join('\n'));
  const applied: string[] = [];
  for (const migration of migrations.filter(({ name }) => pending.includes(name))) {
    options.signal?.throwIfAborted();
    if (await apply(pool, migration)) applied.push(migration.name);
  }
  return applied;
}

/** What `migrate` would do; changes nothing. */
export async function migrationStatus(pool: pg.Pool, options: { directory?: string } = {}): Promise<MigrationStatus> {
  return compare(await readMigrations(options.directory ?? migrationsDirectory), await readApplied(pool));
}

/** The tables in the schema `public` that the migrations make: ours, among whatever else lies in the database. In the order in which they are made. */
export async function migratedTables(): Promise<string[]> {
  const migrations = await readMigrations(migrationsDirectory);
  return migrations.flatMap(({ sql }) =>
    [...sql.matchAll(/^create table (?:if not exists )?(\w+) \(/gm)].flatMap(([, name]) => (name === undefined ? [] : [name])),
  );
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).toSorted();
  const numbers = new Map<string, string>();
  for (const name of names) {
    const number = fileName.exec(name)?.[1];
    if (number === undefined) throw new MigrationRefused(`The migration ${name} must be named like 0002_what_it_does.sql.`);
    const other = numbers.get(number);
    if (other !== undefined) throw new MigrationRefused(`The migrations ${other} and ${name} have the same number; give the later one the next free number.`);
    numbers.set(number, name);
  }
  return Promise.all(
    names.map(async (name) => {
      // A checkout on Windows may have changed the line ends; that is no edit.
      const sql = (await readFile(path.join(directory, name), 'utf8')).replaceAll('\r\n', '\n');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** Name to checksum, in order. A database without the table is a new one. */
async function readApplied(pool: pg.Pool): Promise<Map<string, string>> {
  try {
    const { rows } = await pool.query<{ name: string; sha256: string }>('select name, sha256 from schema_migration order by name');
    return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
  } catch (error) {
    const undefinedTable = '42P01';
    if ((error as pg.DatabaseError).code === undefinedTable) return new Map();
    throw error;
  }
}

function compare(migrations: Migration[], applied: Map<string, string>): MigrationStatus {
  const known = new Set(migrations.map(({ name }) => name));
  const newer = [...applied.keys()].filter((name) => !known.has(name));
  const edited = migrations.filter(({ name, sha256 }) => applied.has(name) && applied.get(name) !== sha256).map(({ name }) => name);
  const pending = migrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name);
  const last = [...applied.keys()].at(-1) ?? '';
  const late = pending.filter((name) => name < last);
  const problems: string[] = [];
  if (newer.length > 0) {
    problems.push(
      `The database is newer than this Safelight: it has ${newer.join(', ')}, which this version does not know. Start the newer version, or restore a backup made before the upgrade.`,
    );
  }
  if (edited.length > 0) {
    problems.push(
      `${edited.join(', ')} was edited after it was applied to this database. Restore the file as it was, and put the change into a new migration.`,
    );
  }
  if (late.length > 0 && newer.length === 0) {
    problems.push(`${late.join(', ')} comes before ${last}, which this database already has. Give it the next free number.`);
  }
  return { applied: [...applied.keys()], pending, problems };
}

/** False when another process applied it while we waited for the lock. */
async function apply(pool: pg.Pool, { name, sql, sha256 }: Migration): Promise<boolean> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [lock]);
    await client.query(
      'create table if not exists schema_migration (name text primary key, sha256 text not null, applied_at timestamptz not null default now())',
    );
    const { rowCount } = await client.query('insert into schema_migration (name, sha256) values ($1, $2) on conflict (name) do nothing', [name, sha256]);
    if (rowCount === 1) await client.query(sql);
    await client.query('commit');
    return rowCount === 1;
  } catch (cause) {
    await client.query('rollback').catch((error: Error) => (broken = error));
    throw new Error(`The migration ${name} failed and was undone: ${(cause as Error).message}`, { cause });
  } finally {
    // A connection that could not be rolled back is closed, not handed on.
    client.release(broken);
  }
}
