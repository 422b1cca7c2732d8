import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';

const batch = 2_000;

/**
 * Deletes events from before `before`, in small batches so that writers never wait long. Returns their number. A client that returns with an older
 * cursor gets the events that are left.
 */
export async function pruneEvents(db: Db, options: { before: Date; signal: AbortSignal }): Promise<number> {
  let deleted = 0;
  for (;;) {
    options.signal.throwIfAborted();
    const { numAffectedRows = 0n } = await sql`
      delete from event
      where (shard, seq) in (select shard, seq from event where at < ${options.before} order by at
      limit ${batch})`.execute(db);
    deleted += Number(numAffectedRows);
    if (numAffectedRows < BigInt(batch)) return deleted;
  }
}
