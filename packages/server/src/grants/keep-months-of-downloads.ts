import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import { transact } from '../lib/transact.ts';

/**
 * Creates the download tables of this month and the next ones, and drops those of months that ended longer ago than `months` (0010_downloads.sql). If
 * others lock them for long, it gives up until the next round.
 */
export async function keepMonthsOfDownloads(db: Db, months: number | null): Promise<void> {
  await transact(db, async (tx) => {
    await sql`set local lock_timeout = '2s'`.execute(tx);
    await sql`select keep_months_of_downloads(${months}::integer)`.execute(tx);
  });
}
