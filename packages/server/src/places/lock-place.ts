import { sql } from '#kysely';

import type { Tx } from '../lib/context.ts';
import { lockRoom, lockStripe, stripeOf } from '../lib/lock-stripe.ts';

/**
 * Where an asset stands among others: the media of an entity in one collection, or of an owner where the collection has no entity.
 * Whatever changes an asset takes its place first and its row after, so that no two of them can wait for each other, and holds it
 * until its transaction ends: order, replacements and single purposes of a place are only ever changed by one at a time.
 */
export type Place = { collection: string; entity_type: string | null; entity_id: string | null; owner_id: string };

/** Waits until nobody else changes anything at this place, and until the rules of its collection are not being changed. */
export async function lockPlace(tx: Tx, place: Place): Promise<void> {
  await lockStripe(
    tx,
    roomOf(place.collection),
    sql`jsonb_build_array(${place.collection}::text, ${place.entity_type}::text, coalesce(${place.entity_id}::text, ${place.owner_id}::text))::text`,
  );
}

/** The same by the id of an asset at the place; false when there is none of this id. */
export async function lockPlaceOf(tx: Tx, assetId: string): Promise<boolean> {
  const name = sql`jsonb_build_array(place.collection, place.entity_type, coalesce(place.entity_id, place.owner_id))::text`;
  const { rows } = await sql`
      select stripe.number from asset as place
      join stripe on room = ${sql.lit(roomOf(''))} || place.collection and number = ${stripeOf(name)}
    where place.id = ${assetId} for update of stripe`.execute(tx);
  if (rows.length === 1) return true;
  // Gone, or the first of its collection.
  const place = await tx.selectFrom('asset').select(['collection', 'entity_type', 'entity_id', 'owner_id']).where('id', '=', assetId).executeTakeFirst();
  if (place === undefined) return false;
  await lockPlace(tx, place);
  return true;
}

/** What a job holds before its row, where it is about one asset. */
export async function holdPlace(tx: Tx, { assetId }: { assetId?: string }): Promise<void> {
  if (assetId !== undefined) await lockPlaceOf(tx, assetId);
}

/** Waits until nobody changes anything at any place of the collection, and keeps everybody out until the transaction ends. */
export const lockCollection = async (tx: Tx, collection: string): Promise<void> => await lockRoom(tx, roomOf(collection));

const roomOf = (collection: string): string => `collection ${collection}`;
