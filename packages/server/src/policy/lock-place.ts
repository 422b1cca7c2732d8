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
  const where = place.entity_type === null ? ['owner', place.owner_id] : [place.entity_type, place.entity_id];
  await sql`select pg_advisory_xact_lock_shared(hashtextextended(${rulesKey(place.collection)}, 0)), pg_advisory_xact_lock(hashtextextended(${JSON.stringify([place.collection, ...where])}, 0))`.execute(
    tx,
  );
}

/** The same by the id of an asset at the place; false when there is none of this id. */
export async function lockPlaceOf(tx: Tx, assetId: string): Promise<boolean> {
  const place = await tx.selectFrom('asset').select(['collection', 'entity_type', 'entity_id', 'owner_id']).where('id', '=', assetId).executeTakeFirst();
  if (place === undefined) return false;
  await lockPlace(tx, place);
  return true;
}

/** Waits until nobody changes anything at any place of the collection, and keeps everybody out until the transaction ends. */
export async function lockCollection(tx: Tx, collection: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${rulesKey(collection)}, 0))`.execute(tx);
}

const rulesKey = (collection: string): string => `rules of ${collection}`;
