import { createHash } from 'node:crypto';

import type { PostgresPool, PostgresPoolClient } from '#kysely';
import pg from 'pg';

import { answeredInTime } from './answered-in-time.ts';
import { inChildSpan, type NewSpan } from './in-span.ts';
import { isBegin, isEnd, sendingAhead, type Ask } from './send-ahead.ts';

/**
 * Postgres parses and plans each statement anew unless it was prepared: that is nine tenths of the work for reading one row, and two thirds for one
 * upload. So repeated statements get a name, as with JDBC's driver, and a connection prepares each once. Rare statements, and those whose text
 * varies, stay unnamed.
 *
 * A pooler may give each transaction another session, which does not know what an earlier one prepared. Its error comes before anything has happened;
 * then this process stops using names, and the statement, or by `transaction` the whole transaction, is repeated. A name is a hash of the text: a
 * session that another process prepared under the same name means the same statement.
 */
export function preparing(pool: pg.Pool, answerWithinMs?: number): PostgresPool {
  const names = openNames();
  const wrapped = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const lost = new WeakSet<pg.PoolClient>();
  pool.on('connect', (client) => {
    // From its first moment on: that it was lost may come together with its opening.
    for (const event of ['error', 'end'] as const) client.on(event, () => lost.add(client));
  });
  return {
    options: pool.options,
    end: async () => await pool.end(),
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        // Errors that do not come from Postgres itself come from the connection: a socket, its encryption, a name, or all connections in use.
        throw error instanceof pg.DatabaseError ? error : new ConnectionLost('The database cannot be reached.', { cause: error });
      });
      const known = wrapped.get(client) ?? preparingClient(client, { names, answerWithinMs, isLost: () => lost.has(client) });
      wrapped.set(client, known);
      return known;
    },
  };
}

/**
 * The errors of such a session: invalid_sql_statement_name, duplicate_prepared_statement; and feature_not_supported, when a migration has changed the
 * result columns of a prepared statement.
 */
export const forgottenStatement: ReadonlySet<string> = new Set(['26000', '42P05', '0A000']);

/**
 * The connection could not be opened, or was lost during a statement, whose outcome is then unknown. The socket's own error (`read ECONNRESET`) would
 * not tell the database's socket from a store's. There are many such errors, so the code does not check for them but whether the connection still
 * exists: pg marks it as ended before it fails its queries.
 */
export class ConnectionLost extends Error {}

/**
 * The error of a read-only server: a demoted primary, a replica. It may answer reads for ever, so its connection is not reused; the next one is
 * opened anew and finds, by name or proxy, the current primary.
 */
export const isReadOnly = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '25006';

/**
 * Postgres, or a pooler in front of it (class 08), has ended the session: at a shutdown, after a crash, because the database was dropped, or because it or
 * its transaction took too long. The end of the connection itself comes a moment later, when somebody else would have it already.
 */
const endsSession = /^(08...|57P0[1245]|25P0[34])$/;
const hasEndedSession = (error: unknown): boolean => error instanceof pg.DatabaseError && endsSession.test(error.code ?? '');

const usesBeforeName = 5;
/** Each takes memory for its plan in every connection. */
const mostNames = 100;
const mostCounted = 1_000;

type Names = { of(text: string): string | undefined; giveUp(): void };

function openNames(): Names {
  const names = new Map<string, string>();
  const uses = new Map<string, number>();
  let isGivenUp = false;
  return {
    of(text) {
      if (isGivenUp) return undefined;
      const name = names.get(text);
      if (name !== undefined || names.size >= mostNames) return name;
      if (uses.size >= mostCounted) uses.clear();
      const count = (uses.get(text) ?? 0) + 1;
      uses.set(text, count);
      if (count < usesBeforeName) return undefined;
      uses.delete(text);
      const given = `safelight_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
      names.set(text, given);
      return given;
    },
    giveUp: () => (isGivenUp = true),
  };
}

/**
 * If a process freezes in the middle of a transaction (a stopped machine, a debugger), its locks are released when its jobs' leases run out. Set in
 * the transaction, in the message that begins it, because poolers reject it as a connection parameter.
 */
const beginning = "; set local idle_in_transaction_session_timeout = '8s'";

type Preparing = { names: Names; answerWithinMs: number | undefined; isLost: () => boolean };

function preparingClient(client: pg.PoolClient, { names, answerWithinMs, isLost }: Preparing): PostgresPoolClient {
  let isLeftBehind = false;
  const asking = askingPrepared(client, names);
  const prepared = answerWithinMs === undefined ? asking : answeredInTime(client, answerWithinMs, asking);
  const { query, forget } = sendingAhead(client, async (text, parameters) => {
    try {
      return await inChildSpan(spanOf(text), async () => await prepared(text, parameters), codeOf);
    } catch (error) {
      isLeftBehind ||= isReadOnly(error) || hasEndedSession(error);
      throw isLost() && !(error instanceof pg.DatabaseError) ? new ConnectionLost('The connection to the database was lost.', { cause: error }) : error;
    }
  });
  return {
    // Its other form is for cursors, and none are configured.
    query: query as unknown as PostgresPoolClient['query'],
    release(destroy) {
      forget();
      client.release(isLeftBehind || destroy);
    },
  };
}

function askingPrepared(client: pg.PoolClient, names: Names): Ask {
  let isInTransaction = false;
  return async (text, parameters) => {
    const values = [...parameters];
    if (values.length === 0 && !/^\s*(with|select)\b/i.test(text)) {
      if (isBegin(text)) {
        isInTransaction = true;
        // pg returns an array of results for several statements.
        const results: unknown = await sent(client, text + beginning);
        return (results as [pg.QueryResult])[0];
      }
      try {
        return await sent(client, text);
      } finally {
        // Whatever it answers; what was sent ahead of it has been answered before.
        if (isEnd(text)) isInTransaction = false;
      }
    }
    const name = names.of(text);
    try {
      return await sent(client, name === undefined ? { text, values } : { name, text, values });
    } catch (error) {
      if (name === undefined || !(error instanceof pg.DatabaseError) || !forgottenStatement.has(error.code ?? '')) throw error;
      names.giveUp();
      if (isInTransaction) throw error;
      return await sent(client, { text, values });
    }
  };
}

/**
 * Sends a statement at once, and hears its answer by a callback. With the promises that pg makes, V8 kept every row that was read until it marked the
 * whole heap: each young collection had to move them, a list of twelve videos left 39 KB instead of 2, and the heap grew to twice its size.
 */
async function sent(client: pg.PoolClient, statement: string | pg.QueryConfig): Promise<pg.QueryResult> {
  const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>();
  const hear = (error: Error | null, result: pg.QueryResult): void => (error === null ? resolve(result) : reject(error));
  if (typeof statement === 'string') client.query(statement, hear);
  else client.query(statement, hear);
  try {
    return await promise;
  } catch (error) {
    // It names the code that sent the statement instead of the socket.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  }
}

/** Includes the text, which contains only the numbers of parameters, never their values. */
const spanOf = (text: string): NewSpan => {
  const [operation = ''] = text.trimStart().split(/\s/, 1);
  const name = operation.toUpperCase();
  return { name, kind: 'client', attributes: { 'db.system.name': 'postgresql', 'db.operation.name': name, 'db.query.text': text } };
};

const codeOf = (error: unknown): string => (error instanceof pg.DatabaseError && error.code !== undefined ? error.code : 'connection');
