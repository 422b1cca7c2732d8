import { sql } from '#kysely';

import type { Tx } from '../lib/context.ts';

/** Jobs are kept after their asset was purged, but not its record, which contains its name, its alt text and a small picture of it. */
export async function clearResultsOf(tx: Tx, assetId: string): Promise<void> {
  await sql`update job set result = null where asset_id = ${assetId} and result -> 'media' is not null`.execute(tx);
}
