import { setTimeout as delay } from 'node:timers/promises';

import { Kysely, PostgresDialect } from '#kysely';
import pg from 'pg';

import { owned } from './owned.ts';
import type { Db, Tx } from './context.ts';
import type { Log } from './log.ts';
import { patienceMs } from './patience.ts';
import { ConnectionLost, forgottenStatement, isReadOnly, preparing } from './prepare-statements.ts';
import type { Database } from './schema.ts';

export type OpenDatabase = {
  db: Db;
  /** The connections below `db`, for what speaks to pg itself (job queue, migrations). */
  pool: pg.Pool;
  /** Waits for what is running and ends every connection. May be called again. */
  close: () => Promise<void>;
};

export type DatabaseOptions = {
  connection: string | pg.PoolConfig;
  log: Log;
  /** The most connections held at once; without it as many as pg holds. */
  max?: number;
  /** Shown in `pg_stat_activity` behind `safelight`. */
  name?: string;
};

/**
 * Opens a pool; connects when the first query comes. A query waits at most ten seconds for a connection, and what goes wrong with an idle
 * or a held connection is logged: its next query fails, the process does not.
 */
export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const { connection, log } = options;
  const pool = owned(
    new pg.Pool({
      ...(typeof connection === 'string' ? { connectionString: connection } : connection),
      ...(options.max === undefined ? {} : { max: options.max }),
      connectionTimeoutMillis: patienceMs.databaseConnect,
      idleTimeoutMillis: patienceMs.databaseIdle,
      keepAlive: true,
      // What is asked is sent at once, also while something else is being answered.
      pipeline: true,
      application_name: options.name === undefined ? 'safelight' : `safelight ${options.name}`,
      types,
    }),
  );
  let closing: Promise<void> | undefined;
  // Connections that end while the pool is being closed are the ones that were asked to.
  // Without what pg hangs on it: the whole connection, with every statement that it has prepared.
  pool.on('error', ({ name, message }) => closing ?? log.warn({ err: { name, message } }, 'An idle database connection was lost.'));
  pool.on('connect', (client) => {
    // pg removes its own listener while a connection is out of the pool, and an error event without one would end the process.
    client.on('error', (error) => log.debug({ err: error }, 'A database connection was lost.'));
  });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: preparing(pool) }) });
  return { db, pool, close: () => (closing ??= pool.end()) };
}

/** Sizes and counters are bigint in the database and number here: all stay below 2^53, and one that does not is an error, not a rounding. */
function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The database answered ${text}, which is too large for a JavaScript number.`);
  return value;
}

/** Of this pool only: `pg.types.setTypeParser` would change every other user of pg in the process, the job queue among them. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, parseBigint);

/** serialization_failure and deadlock_detected: Postgres undid everything, and asks for another try. So does a session that forgot what it had prepared. */
const worthAnotherTry = new Set(['40001', '40P01', ...forgottenStatement]);
const tries = 3;

/**
 * Runs `work` in one transaction and commits it. When Postgres breaks a deadlock or a serialization conflict at our expense, the whole of
 * `work` runs again, at most three times; so it must do nothing that a rollback does not undo: no file, no network, no job outside `tx`.
 */
export async function transaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await untilDone(async () => await db.transaction().execute(work));
}

/** The same for one statement that is a transaction by itself. */
export async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === tries || !worthAnotherTry.has(sqlState(error) ?? '')) throw error;
      // Two that met once would meet again after equal pauses.
      await delay(Math.random() * 20 * 2 ** attempt);
    }
  }
}

/** The five-character code of a Postgres error, e.g. `23505` for a broken unique constraint; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/**
 * What Postgres, or a pooler before it (class 08, whatever happened), says when it shuts down, starts up, has no place, or ended a session
 * that was silent: nothing about the statement, which may well succeed in a moment.
 */
const turnedAway = /^(08...|53...|57P0[1235]|25P03)$/;

/** Whether an error of a statement says that the database could not be reached, went away while it worked, or takes no writes now. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ConnectionLost || isReadOnly(error) || turnedAway.test(sqlState(error) ?? '');
}

/** What is left of a crowd: beaten by others each time it was tried, or ended by a limit that the operator gave to statements, locks or transactions. */
const outOfTurn = /^(40001|40P01|55P03|57014|25P04)$/;

/** Whether the same may well succeed in a moment, for the database is away or has too much to do. */
export const passesByItself = (error: unknown): boolean => isUnreachable(error) || outOfTurn.test(sqlState(error) ?? '');
