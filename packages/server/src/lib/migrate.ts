import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type pg from 'pg';

import { formerDigests, formerMigrations, isOfFirstRelease } from './former-migrations.ts';

/** The same from `src/lib` and from the built `dist/lib`. */
const migrationsDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..', 'migrations');

/** The migrations and the database contradict each other, or the database does not let us migrate it; only a person can mend that. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

export type MigrationStatus = {
  applied: string[];
  /** What `migrate` would apply, in order. */
  pending: string[];
  /** Pending migrations that are incompatible with servers of the previous release: those have to be stopped first. */
  contracting: string[];
  /** Migrations of a later release that are compatible with this one. */
  newer: string[];
  /** Why `migrate` would refuse, as sentences; empty when it would not. */
  problems: string[];
};

/** Whether servers of the previous release keep working after it: all migrations except those with `-- contract: why` in their first line. */
type Kind = 'expand' | 'contract';
type Migration = { name: string; sql: string; sha256: string; kind: Kind };
/** Without a kind: recorded before kinds existed. */
type Applied = { sha256: string; kind: Kind | null };

/** SQLSTATE: insufficient privilege, and no schema to create in. Since PostgreSQL 15 only its owner may create anything in a new database. */
const mayNot = ['42501', '3F000'];
/** What to do about a user who may not migrate. */
export const makeOwner = 'Make it the owner of the database: alter database NAME owner to USER.';

const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/;

/**
 * Migrates the database to the schema of this code, and returns the names of the applied files. Each file is one transaction, under a lock, so that
 * any number of processes may call this at once. With nothing to do it is one query.
 *
 * Throws `MigrationRefused` when an applied file was edited, when a later release has removed something, when files are out of order, and when our
 * user may not create tables; nothing has been changed then. Additions of a later release are accepted: during an upgrade servers of both releases run.
 */
export async function migrate(pool: pg.Pool, options: { directory?: string; signal?: AbortSignal } = {}): Promise<string[]> {
  const migrations = await readMigrations(options.directory ?? migrationsDirectory);
  const { pending, problems } = compare(migrations, adopt(migrations, await readApplied(pool)));
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
  const migrations = await readMigrations(options.directory ?? migrationsDirectory);
  return compare(migrations, adopt(migrations, await readApplied(pool)));
}

/** The tables in the schema `public` that the migrations create, in order: ours, among whatever else is in the database. */
export async function migratedTables(): Promise<string[]> {
  const migrations = await readMigrations(migrationsDirectory);
  const names = migrations.flatMap(({ sql }) => [...sql.matchAll(/^create table (?:if not exists )?(\w+) \(/gm)].map(([, name = '']) => name));
  // A table that was created again under its name counts once.
  return [...new Set(names)];
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
      // A checkout on Windows may have changed the line ends, which is not an edit.
      const sql = (await readFile(path.join(directory, name), 'utf8')).replaceAll('\r\n', '\n');
      const kind = sql.startsWith('-- contract:') ? 'contract' : 'expand';
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex'), kind };
    }),
  );
}

/** In order. A database without the table is a new one. */
async function readApplied(pool: pg.Pool): Promise<Map<string, Applied>> {
  try {
    const { rows } = await pool.query<Applied & { name: string }>(
      `select name, sha256, to_jsonb(schema_migration) ->> 'kind' as kind from schema_migration order by name`,
    );
    return new Map(rows.map(({ name, ...applied }) => [name, applied]));
  } catch (error) {
    const undefinedTable = '42P01';
    if ((error as pg.DatabaseError).code === undefinedTable) return new Map();
    throw error;
  }
}

/**
 * Treats a database from before the first release, if its schema is complete, as if the current first files had created it. Its registered names
 * stay, so that servers that know it by those names can start on it too.
 */
function adopt(migrations: Migration[], applied: Map<string, Applied>): Map<string, Applied> {
  const found = formerMigrations([...applied.keys()]);
  if (found.state !== 'whole') return applied;
  const first = migrations.filter(({ name }) => isOfFirstRelease(name)).map(({ name, sha256, kind }): [string, Applied] => [name, { sha256, kind }]);
  return new Map([...first, ...[...applied].filter(([name]) => !found.names.includes(name))]);
}

function compare(migrations: Migration[], applied: Map<string, Applied>): MigrationStatus {
  const former = formerMigrations([...applied.keys()]);
  if (former.state === 'partly') return { applied: [...applied.keys()], pending: [], contracting: [], newer: [], problems: [fromBefore(former.names)] };
  const known = new Set(migrations.map(({ name }) => name));
  const newer = [...applied.keys()].filter((name) => !known.has(name));
  const breaking = newer.filter((name) => applied.get(name)?.kind !== 'expand');
  const isEdited = (was: Applied | undefined, now: string): boolean => was !== undefined && was.sha256 !== now && !formerDigests.has(was.sha256);
  const edited = migrations.filter(({ name, sha256 }) => isEdited(applied.get(name), sha256)).map(({ name }) => name);
  const missing = migrations.filter(({ name }) => !applied.has(name));
  const pending = missing.map(({ name }) => name);
  const contracting = missing.filter(({ kind }) => kind === 'contract').map(({ name }) => name);
  const last = [...applied.keys()].at(-1) ?? '';
  const late = pending.filter((name) => name < last);
  const problems: string[] = [];
  if (breaking.length > 0) {
    problems.push(
      `The database is newer than this Safelight: it has ${breaking.join(', ')}, with which this version does not work. Start the newer version, or restore a backup made before the upgrade.`,
    );
  }
  if (edited.length > 0) {
    problems.push(
      `${edited.join(', ')} was edited after it was applied to this database. Restore the file as it was, and put the change into a new migration.`,
    );
  }
  if (late.length > 0 && breaking.length === 0) {
    problems.push(`${late.join(', ')} comes before ${last}, which this database already has. Give it the next free number.`);
  }
  return { applied: [...applied.keys()], pending, contracting, newer, problems };
}

const fromBefore = (names: readonly string[]): string =>
  `The database is from before the first release of Safelight, and stands at ${names.at(-1)}. Start it once with the last version that still has the file 0063_months_of_downloads.sql, which brings it to the schema of the first release, and then with this one; or begin with an empty database.`;

/** Of two that create it at once, the second fails in the catalogue; by then it exists. */
async function makeRegister(client: pg.PoolClient): Promise<void> {
  const table = `create table if not exists schema_migration (name text primary key, sha256 text not null,
    applied_at timestamptz not null default now());
    alter table schema_migration add column if not exists kind text`;
  await client.query(table).catch(async (error: pg.DatabaseError) => {
    // The conflict is about a catalogue row, the table, or its row type, depending on the progress of the other process.
    const alreadyThere = ['23505', '42P07', '42710'];
    if (error.code === undefined || !alreadyThere.includes(error.code)) throw error;
    await client.query(table);
  });
}

/** False when another process applied it while we waited for the lock. */
async function apply(pool: pg.Pool, { name, sql, sha256, kind }: Migration): Promise<boolean> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await makeRegister(client);
    await client.query('begin');
    // Others may still read which migrations are applied.
    await client.query('lock table schema_migration in share row exclusive mode');
    const { rowCount } = await client.query(
      `insert into schema_migration (name, sha256, kind) values ($1, $2, $3)
       on conflict (name) do nothing`,
      [name, sha256, kind],
    );
    if (rowCount === 1) await client.query(sql);
    await client.query('commit');
    return rowCount === 1;
  } catch (cause) {
    await client.query('rollback').catch((error: Error) => (broken = error));
    const { code, message } = cause as pg.DatabaseError;
    if (code !== undefined && mayNot.includes(code))
      throw new MigrationRefused(`The user of DATABASE_URL may not create tables (${message}). ${makeOwner}`, { cause });
    throw new Error(`The migration ${name} failed and was undone: ${message}`, { cause });
  } finally {
    // A connection that could not be rolled back is closed rather than reused.
    client.release(broken);
  }
}
