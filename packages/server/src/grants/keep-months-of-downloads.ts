import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import { transact } from '../lib/transact.ts';

/**
 * Makes the tables for the downloads of this month and of the next ones, and drops those of months that ended more than so many months ago
 * (0010_downloads.sql). It gives up where others hold them for long, and comes again in the next round.
 */
export async function keepMonthsOfDownloads(db: Db, months: number | null): Promise<void> {
  await transact(db, async (tx) => {
    await sql`set local lock_timeout = '2s'`.execute(tx);
    await sql`select keep_months_of_downloads(${months}::integer)`.execute(tx);
  });
}
