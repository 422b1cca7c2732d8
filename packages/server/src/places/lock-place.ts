import { sql } from 'kysely';

import type { Tx } from '../lib/context.ts';

/**
 * Where an asset stands among others: the media of an entity in one collection, or of an owner where the collection has no entity.
 * Whatever changes an asset takes its place first and its row after, so that no two of them can wait for each other, and holds it
 * until its transaction ends: order, replacements and single purposes of a place are only ever changed by one at a time.
 */
export type Place = { collection: string; entity_type: string | null; entity_id: string | null; owner_id: string };

/** Waits until nobody else changes anything at this place, and until the rules of its collection are not being changed. */
export async function lockPlace(tx: Tx, place: Place): Promise<void> {
  await sql`select ${locks} from (select ${place.collection}::text as collection, ${place.entity_type}::text as entity_type, ${place.entity_id}::text as entity_id,
    ${place.owner_id}::text as owner_id) as place`.execute(tx);
}

/** The same by the id of an asset at the place; false when there is none of this id. */
export async function lockPlaceOf(tx: Tx, assetId: string): Promise<boolean> {
  const { rows } = await sql`select ${locks} from asset as place where id = ${assetId}`.execute(tx);
  return rows.length === 1;
}

/** What a job holds before its row, where it is about one asset. */
export async function holdPlace(tx: Tx, { assetId }: { assetId?: string }): Promise<void> {
  if (assetId !== undefined) await lockPlaceOf(tx, assetId);
}

/** Waits until nobody changes anything at any place of the collection, and keeps everybody out until the transaction ends. */
export async function lockCollection(tx: Tx, collection: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('rules of ' || ${collection}::text, 0))`.execute(tx);
}

/** From left to right: the rules of the collection, shared with all its places, then the place alone. */
const locks = sql`
  pg_advisory_xact_lock_shared(hashtextextended('rules of ' || place.collection, 0)),
  pg_advisory_xact_lock(hashtextextended(jsonb_build_array(place.collection, place.entity_type, coalesce(place.entity_id, place.owner_id))::text, 0))`;
