import { sql } from '#kysely';

import type { Db, Tx } from './context.ts';

/** Rejects when the database is away or takes no writes: Postgres refuses even what changes no row, and this takes no lock that anybody waits for. */
export const requireWritable = async (db: Db | Tx): Promise<void> =>
  void (await sql`
  delete from schema_migration where false`.execute(db));
