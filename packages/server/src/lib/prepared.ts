import { CompiledQuery } from 'kysely';

import type { Db } from './context.ts';
import { poolOf, sqlState } from './database.ts';

/**
 * What a session says that does not know a prepared statement any more, knows another under its name, or planned it for columns that
 * have changed since: invalid_sql_statement_name, duplicate_prepared_statement, feature_not_supported.
 */
const forgotten = new Set(['26000', '42P05', '0A000']);

/** Databases behind a pooler that hands each transaction to another session. */
const withoutSessions = new WeakSet<Db>();

/**
 * A statement that is asked so often that Postgres should parse and plan it once a connection, not once a call: for a read of one row
 * that is nine tenths of the work. For reads outside transactions, which may be asked again: where sessions turn out not to keep
 * what was prepared, it is asked in the ordinary way from then on.
 */
export function prepared<Row extends object>(name: string, text: string): (db: Db, values: readonly unknown[]) => Promise<Row[]> {
  return async (db, values) => {
    const pool = withoutSessions.has(db) ? undefined : poolOf(db);
    if (pool !== undefined) {
      try {
        return (await pool.query<Row>({ name, text, values: [...values] })).rows;
      } catch (error) {
        if (!forgotten.has(sqlState(error) ?? '')) throw error;
        withoutSessions.add(db);
      }
    }
    return (await db.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows;
  };
}
