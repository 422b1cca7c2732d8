import { Socket } from 'node:net';
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
  /** The connections below `db`, for code that uses pg itself (job queue, migrations). */
  pool: pg.Pool;
  /** Waits for running queries and ends every connection. May be called again. */
  close: () => Promise<void>;
};

export type DatabaseOptions = {
  connection: string | pg.PoolConfig;
  log: Log;
  /** The most connections held at once; by default pg's own limit. */
  max?: number;
  /** Shown in `pg_stat_activity` after `safelight`. */
  name?: string;
  /** The longest that a statement may take before its connection counts as lost. Without it, as long as it likes: commands read whole tables. */
  answerWithinMs?: number;
  /** Cuts every connection when it aborts, also those that are being opened: for a start or a migration that must not wait for its database. */
  cut?: AbortSignal | undefined;
};

/** How long after the first lost connection all of them are reported in one line. */
const noticeMs = 1_000;

/**
 * Opens a pool, which connects on the first query. A query waits at most ten seconds for a connection. Errors of idle or checked-out connections are
 * logged: the next query on such a connection fails, not the process.
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
      keepAliveInitialDelayMillis: patienceMs.databaseProbe,
      // Sends queries at once, even while an earlier one is being answered.
      pipeline: true,
      application_name: options.name === undefined ? 'safelight' : `safelight ${options.name}`,
      types,
      ...(options.cut === undefined ? {} : { stream: socketsUntil(options.cut) }),
    }),
  );
  let closing: Promise<void> | undefined;
  // Connections that end while the pool is closing are expected to. Logs only name and message: pg attaches the whole connection to the error, with
  // every prepared statement.
  let lost = 0;
  pool.on('error', ({ name, message }) => {
    if (lost++ > 0) return;
    // A database that is stopped together with this process is not worth a warning, whichever of the two hears of it first.
    setTimeout(() => {
      if (closing === undefined) log.warn({ err: { name, message }, connections: lost }, 'Idle database connections were lost.');
      lost = 0;
    }, noticeMs).unref();
  });
  pool.on('connect', (client) => {
    // pg removes its own listener from a checked-out connection, and an error event without a listener would end the process.
    client.on('error', (error) => log.debug({ err: error }, 'A database connection was lost.'));
  });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: preparing(pool, options.answerWithinMs) }) });
  return { db, pool, close: () => (closing ??= pool.end()) };
}

const socketsUntil = (signal: AbortSignal) => (): Socket => {
  const socket = owned(new Socket());
  const cut = (): void => void socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('The connection was cut.'));
  signal.addEventListener('abort', cut, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', cut));
  // Not before it connects, which would open it again.
  if (signal.aborted) setImmediate(cut);
  return socket;
};

/** Sizes and counters are bigint in the database and number here: all stay below 2^53, and a larger one throws rather than being rounded. */
function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The database answered ${text}, which is too large for a JavaScript number.`);
  return value;
}

const parseAnyTimestamp = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => Date;

/** The engine reads what Postgres usually writes in half the time that the driver's expressions take; the driver knows the rest. */
function parseTimestamp(text: string): Date {
  const date = new Date(text);
  // To the engine, the year 0099 is 1999.
  return Number.isNaN(date.getTime()) || text.startsWith('0') ? parseAnyTimestamp(text) : date;
}

/** For this pool only: `pg.types.setTypeParser` would affect every other user of pg in the process, including the job queue. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, parseBigint);
types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, parseTimestamp);

/**
 * serialization_failure and deadlock_detected: Postgres has rolled everything back and asks for a retry. The same holds for a session that forgot its
 * prepared statements.
 */
const worthAnotherTry = new Set(['40001', '40P01', ...forgottenStatement]);
const tries = 3;

/**
 * Runs `work` in one transaction and commits it. When Postgres aborts it because of a deadlock or a serialization conflict, the whole of `work` runs
 * again, at most three times; so it must do nothing that a rollback does not undo: no file, no network, no job outside `tx`.
 */
export async function transaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await untilDone(async () => await db.transaction().execute(work));
}

/** The same for a single statement that is a transaction by itself. */
export async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === tries || !worthAnotherTry.has(sqlState(error) ?? '')) throw error;
      // With equal pauses, two conflicting transactions would meet again.
      await delay(Math.random() * 20 * 2 ** attempt);
    }
  }
}

/** The five-character code of a Postgres error, e.g. `23505` for a broken unique constraint; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/**
 * Codes of Postgres, or of a pooler in front of it (class 08), when it shuts down, starts up, is full, or has ended an idle session: they say nothing
 * about the statement, which may succeed in a moment.
 */
const turnedAway = /^(08...|53...|57P0[1235]|25P03)$/;

/** Whether a statement's error means that the database could not be reached, went away during the statement, or takes no writes at the moment. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ConnectionLost || isReadOnly(error) || turnedAway.test(sqlState(error) ?? '');
}

/** Codes of overload: the statement lost to others in every attempt, or exceeded the operator's limit for statements, locks or transactions. */
const outOfTurn = /^(40001|40P01|55P03|57014|25P04)$/;

/** Whether a retry may succeed in a moment, because the database is away or overloaded. */
export const passesByItself = (error: unknown): boolean => isUnreachable(error) || outOfTurn.test(sqlState(error) ?? '');
