import { sql, type RawBuilder, type Selectable } from '#kysely';

import type { AssetTable } from '../lib/schema.ts';
import { isForeign, requireRoom } from '../policy/read-allowance.ts';

/** What the statement that registers assets has seen at their places, before its own rows. */
export type SeenAtPlace = {
  /** Assets of one statement that have the same number stand at the same place. */
  place: number;
  items: number;
  maxItems: number | null;
  ruled: string | null;
  /** Somebody else has media at its entity. */
  foreign: boolean;
  /** Its session requires that nobody else has. */
  needsOwn: boolean;
};

/**
 * Each place once, as it is before: how many items stand there, the position after the last (of the entity, or of the owner where the collection has no
 * entities), and the first and the last of the owners by name.
 */
export const placesOf = (haveEntities: boolean) => sql`
  select given.place, held.items, held.next, held.least, held.most
  from given, lateral (${
    haveEntities
      ? sql`
        select
          (count(*) filter (where asset.collection = given.collection and deleted_at is null and replaces is null))::int
            as items,
          coalesce(max(sort_order) filter (where asset.collection = given.collection) + 1, 0) as next,
          min(owner_id) filter (where deleted_at is null and replaces is null) as least,
          max(owner_id) filter (where deleted_at is null and replaces is null) as most
        from asset where entity_type = given."entityType" and entity_id = given."entityId"`
      : sql`
        select 0 as items, coalesce(max(sort_order) + 1, 0) as next, null as least, null as most
        from asset where asset.collection = given.collection and owner_id = given."ownerId" and entity_type is null`
  }) as held
  where given."isFirst"`;

/** What was seen at the place of a new asset, with the limit of the collection and the state of its rules. */
export const seenAtPlace = (collection: RawBuilder<unknown>) => sql`
  (select given.place from given where given."assetId" = asset.id) as place,
  (select place.items from given join place on place.place = given.place where given."assetId" = asset.id) as items,
  coalesce((select needs_own_entity from opened where opened.asset_id = asset.id),
    (select needs_own_entity from unopened where unopened.asset_id = asset.id)) as "needsOwn",
  (select coalesce(place.least <> asset.owner_id or place.most <> asset.owner_id, false)
    from given join place on place.place = given.place where given."assetId" = asset.id) as foreign,
  (select (rules ->> 'maxItems')::int from policy where collection = ${collection}) as "maxItems",
  (select xmin::text from policy where collection = ${collection}) as ruled`;

type Placed = Pick<Selectable<AssetTable>, 'entity_type' | 'entity_id' | 'owner_id' | 'replaces'> & SeenAtPlace;

/**
 * Checks what the statement has counted before its own rows. Registrations that each saw the last free slot, or the same empty entity, run here one after
 * the other.
 */
export function requirePlaces(rows: readonly Placed[]): void {
  // A replacement needs no room of its own.
  const added = Map.groupBy(
    rows.filter(({ replaces, entity_id: id }) => replaces === null && id !== null),
    ({ place }) => place,
  );
  for (const here of added.values()) {
    for (const { entity_type: type, entity_id: id, owner_id: owner, needsOwn, foreign } of here) {
      const isShared = foreign || here.some((other) => other.owner_id !== owner);
      if (needsOwn && isShared && type !== null && id !== null) throw isForeign({ type, id });
    }
    const [row] = here;
    if (row !== undefined) requireRoom({ items: row.items, rules: row }, here.length);
  }
}
