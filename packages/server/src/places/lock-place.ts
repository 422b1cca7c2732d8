import { sql } from '#kysely';

import type { Tx } from '../lib/context.ts';
import { lockRoom, lockStripe, lockStripes, stripeOf } from '../lib/lock-stripe.ts';

/**
 * Where an asset stands among others: the media of an entity in one collection, or of an owner where the collection has no entity. Every change of an
 * asset first locks its place and then its row, so that no two can deadlock, and holds the lock until its transaction ends: only one at a time
 * changes the order, replacements and single purposes of a place.
 */
export type Place = { collection: string; entity_type: string | null; entity_id: string | null; owner_id: string };

/** Locks the place until the transaction ends, and waits for running changes at it or to the rules of its collection. */
export async function lockPlace(tx: Tx, place: Place): Promise<void> {
  await lockStripe(
    tx,
    roomOf(place.collection),
    sql`jsonb_build_array(${place.collection}::text, ${place.entity_type}::text, coalesce(${place.entity_id}::text, ${place.owner_id}::text))::text`,
  );
}

/** The same for several places of one collection. */
export async function lockPlaces(tx: Tx, places: readonly Place[]): Promise<void> {
  const [first, ...others] = places;
  if (first === undefined) return;
  if (others.length === 0) return await lockPlace(tx, first);
  const names = places.map((place) => [place.collection, place.entity_type, place.entity_id ?? place.owner_id]);
  await lockStripes(tx, roomOf(first.collection), JSON.stringify(names));
}

/** The same by the id of an asset at the place; false when there is no such asset. */
export async function lockPlaceOf(tx: Tx, assetId: string): Promise<boolean> {
  const name = sql`jsonb_build_array(place.collection, place.entity_type, coalesce(place.entity_id, place.owner_id))::text`;
  const { rows } = await sql`
      select stripe.number from asset as place
      join stripe on room = ${sql.lit(roomOf(''))} || place.collection and number = ${stripeOf(name)}
    where place.id = ${assetId} for update of stripe`.execute(tx);
  if (rows.length === 1) return true;
  // The asset is gone, or it is the first of its collection, which has no lock rows yet.
  const place = await tx.selectFrom('asset').select(['collection', 'entity_type', 'entity_id', 'owner_id']).where('id', '=', assetId).executeTakeFirst();
  if (place === undefined) return false;
  await lockPlace(tx, place);
  return true;
}

/** Locks what a job about one asset needs, before its own row. */
export async function holdPlace(tx: Tx, { assetId }: { assetId?: string }): Promise<void> {
  if (assetId !== undefined) await lockPlaceOf(tx, assetId);
}

/** Waits for running changes at all places of the collection, and blocks new ones until the transaction ends. */
export const lockCollection = async (tx: Tx, collection: string): Promise<void> => await lockRoom(tx, roomOf(collection));

const roomOf = (collection: string): string => `collection ${collection}`;
