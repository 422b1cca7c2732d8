import { sql } from '#kysely';

import type { Tx } from '../lib/context.ts';

/**
 * Jobs are kept after their asset was purged, but not its record, which contains its name, its alt text and a small picture of it. Of the results of
 * `shared` jobs, which made other media too, only its part goes.
 */
export async function clearResultsOf(tx: Tx, assetId: string, shared: readonly string[]): Promise<void> {
  await sql`update job set result = null where asset_id = ${assetId} and result -> 'media' is not null`.execute(tx);
  if (shared.length === 0) return;
  await sql`
    update job set result = result || (
      select jsonb_build_object(
        'media', coalesce(jsonb_agg(one order by place), '[]'),
        'urls', coalesce(jsonb_agg(result -> 'urls' -> (place::int - 1) order by place), '[]'))
      from jsonb_array_elements(result -> 'media') with ordinality as made (one, place)
      where one ->> 'id' <> ${assetId})
    where id = any(${[...shared]}::uuid[]) and jsonb_typeof(result -> 'media') = 'array'`.execute(tx);
}
