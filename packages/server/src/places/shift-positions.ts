import { sql } from '#kysely';

import type { MediaRow } from '../assets/media-row.ts';
import type { Tx } from '../lib/context.ts';

/**
 * Frees a position for a returning asset, if another order has been made meanwhile: assets from there on move by one. Removed ones at the same
 * position that were behind it move too, so that they return behind it in whichever order they are restored.
 */
export async function shiftPositions(
  tx: Tx,
  row: Pick<MediaRow, 'id' | 'collection' | 'entity_type' | 'entity_id' | 'owner_id' | 'restore_rank'>,
  position: number,
): Promise<void> {
  const place =
    row.entity_type === null
      ? sql`collection = ${row.collection} and entity_type is null and owner_id = ${row.owner_id}`
      : sql`collection = ${row.collection} and entity_type = ${row.entity_type} and entity_id = ${row.entity_id}`;
  await sql`
    update asset set sort_order = sort_order + 1, version = version + case when deleted_at is null then 1 else 0 end
    where ${place} and id <> ${row.id} and replaces is null
      and (sort_order > ${position}
        or (sort_order = ${position} and (deleted_at is null or restore_rank > ${row.restore_rank})))
      and exists (select 1 from asset
        where ${place} and id <> ${row.id} and replaces is null and deleted_at is null
          and sort_order = ${position})`.execute(tx);
}
