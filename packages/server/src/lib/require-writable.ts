import { sql } from '#kysely';

import type { Db, Tx } from './context.ts';

/** Rejects when the database is away or read-only: Postgres refuses even an update of no rows, and this one takes no lock that blocks others. */
export const requireWritable = async (db: Db | Tx): Promise<void> =>
  void (await sql`
  delete from schema_migration where false`.execute(db));
