import { sql } from '#kysely';

import type { Db } from '../../lib/context.ts';

const batch = 1_000;

/** Deletes deliveries created before `before`, in small batches; pending ones stay. */
export async function pruneDeliveries(db: Db, options: { before: Date; signal: AbortSignal }): Promise<void> {
  for (;;) {
    options.signal.throwIfAborted();
    const { numAffectedRows = 0n } = await sql`
      delete from webhook_delivery where id in (
        select id from webhook_delivery where created_at < ${options.before} and state <> 'pending' order by created_at
        limit ${batch})`.execute(db);
    if (numAffectedRows < BigInt(batch)) return;
  }
}
