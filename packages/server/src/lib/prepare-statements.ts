import { createHash } from 'node:crypto';

import type { PostgresPool, PostgresPoolClient } from '#kysely';
import pg from 'pg';

import { inChildSpan, type NewSpan } from './in-span.ts';
import { isBegin, sendingAhead, type Ask } from './send-ahead.ts';

/**
 * Postgres parses and plans what it is asked anew each time, unless it was prepared: for a read of one row that is nine tenths of the
 * work, for what one upload asks two thirds. So what is asked again and again gets a name, as with JDBC's driver: a connection then
 * prepares it once. Rare statements, and those whose text is another each time, stay as they are.
 *
 * A pooler may hand each transaction to another session, which does not know what an earlier one prepared. It says so before anything
 * has happened; then nothing gets a name any more in this process, and the statement, or by `transaction` all of it, is asked again.
 * A name is a hash of the text: a session that another process prepared under the same name means the same statement.
 */
export function preparing(pool: pg.Pool): PostgresPool {
  const names = openNames();
  const wrapped = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: async () => await pool.end(),
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        // What does not come from Postgres itself comes from the way to it: a socket, its encryption, a name, or all connections in use.
        throw error instanceof pg.DatabaseError ? error : new ConnectionLost('The database cannot be reached.', { cause: error });
      });
      const known = wrapped.get(client) ?? preparingClient(client, names);
      wrapped.set(client, known);
      return known;
    },
  };
}

/**
 * What such a session says: invalid_sql_statement_name, duplicate_prepared_statement; and feature_not_supported, when a migration has
 * changed the columns that a prepared statement answers.
 */
export const forgottenStatement: ReadonlySet<string> = new Set(['26000', '42P05', '0A000']);

/**
 * The connection could not be opened; or it went away under a statement, and nobody knows whether that was carried out. The socket's own
 * error (`read ECONNRESET`) would not say that it was the database's socket and not a store's; and there are many, so that it is not asked what
 * the error is, but whether the connection still is: pg says that it has ended before it fails what was asked on it.
 */
export class ConnectionLost extends Error {}

/**
 * What a server says that takes no writes: a demoted primary, a replica. It may answer reads for ever, so a connection to it is not used
 * again; the next one is made anew and finds, by name or proxy, whoever is the primary then.
 */
export const isReadOnly = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '25006';

const usesBeforeName = 5;
/** Each has a plan in the memory of every connection. */
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
 * A process that stops in the middle of a transaction (a frozen machine, a debugger) lets go of its locks when its jobs' leases run out. Said in the
 * transaction, in the same message that begins it, because a pooler takes no such parameter of a connection.
 */
const beginning = "; set local idle_in_transaction_session_timeout = '8s'";

function preparingClient(client: pg.PoolClient, names: Names): PostgresPoolClient {
  let isLeftBehind = false;
  let isLost = false;
  for (const event of ['error', 'end'] as const) client.on(event, () => (isLost = true));
  const prepared = askingPrepared(client, names);
  const { query, forget } = sendingAhead(client, async (text, parameters) => {
    try {
      return await inChildSpan(spanOf(text), async () => await prepared(text, parameters), codeOf);
    } catch (error) {
      isLeftBehind ||= isReadOnly(error);
      throw isLost && !(error instanceof pg.DatabaseError) ? new ConnectionLost('The connection to the database was lost.', { cause: error }) : error;
    }
  });
  return {
    // Its other form takes cursors, and none are configured.
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
        // pg answers several statements with as many results.
        const results: unknown = await client.query(text + beginning);
        return (results as [pg.QueryResult])[0];
      }
      const result = await client.query(text);
      if (/^(commit|rollback)(?! to)/i.test(text)) isInTransaction = false;
      return result;
    }
    const name = names.of(text);
    try {
      return await client.query(name === undefined ? { text, values } : { name, text, values });
    } catch (error) {
      if (name === undefined || !(error instanceof pg.DatabaseError) || !forgottenStatement.has(error.code ?? '')) throw error;
      names.giveUp();
      if (isInTransaction) throw error;
      return await client.query({ text, values });
    }
  };
}

/** With the text, in which parameters are only numbered: what they are is nobody's business. */
const spanOf = (text: string): NewSpan => {
  const [operation = ''] = text.trimStart().split(/\s/, 1);
  const name = operation.toUpperCase();
  return { name, kind: 'client', attributes: { 'db.system.name': 'postgresql', 'db.operation.name': name, 'db.query.text': text } };
};

const codeOf = (error: unknown): string => (error instanceof pg.DatabaseError && error.code !== undefined ? error.code : 'connection');
