import { sql, type RawBuilder } from '#kysely';

import type { Db } from '../lib/context.ts';

/** Objects that are looked up by their keys; of a folder with more of them, the newest media are soon found by asking each. */
const mostObjects = 2_000;

/**
 * The media that have an object below one of these prefixes, as a condition on `asset`; null where there are none. A prefix names whole path
 * segments: it ends at a separator, given or not, so `images` never swallows `images2`.
 */
export async function belowPrefix(db: Db, prefixes: readonly string[]): Promise<RawBuilder<boolean> | null> {
  const folders = prefixes.map((prefix) => (prefix.endsWith('/') ? prefix : `${prefix}/`));
  const { rows } = await sql<{ id: string | null }>`
    with recursive store (provider, location) as (
      (select provider, location from object order by provider, location limit 1)
      union all
      select next.provider, next.location from store,
        lateral (select provider, location from object where (provider, location) > (store.provider, store.location)
          order by provider, location limit 1) as next
    )
    select found.asset_id as id
    from store,
      unnest(${ranges(folders, prefixes)}::text[], ${ends(folders, prefixes)}::text[]) as range (first, behind),
      lateral (select asset_id from object
        where provider = store.provider and location = store.location and key >= range.first and key < range.behind
        limit ${mostObjects}) as found limit ${mostObjects}`.execute(db);
  if (rows.length === 0) return null;
  if (rows.length < mostObjects) return sql<boolean>`asset.id = any(${[...new Set(rows.map(({ id }) => id).filter((id) => id !== null))]}::uuid[])`;
  // A scalar, because Postgres may answer EXISTS by hashing all that lies below.
  return sql<boolean>`coalesce((select true from object, unnest(${folders}::text[]) as folder
    where object.asset_id = asset.id
    and (starts_with(object.key, folder) or object.key = any(${[...prefixes]}::text[])) limit 1), false)`;
}

const ranges = (folders: readonly string[], names: readonly string[]): string[] => [...folders, ...names];
/** Keys are ordered by their bytes: `0` comes right behind the separator, and nothing that can stand in a key comes before U+0001. */
const ends = (folders: readonly string[], names: readonly string[]): string[] => [
  ...folders.map((folder) => `${folder.slice(0, -1)}0`),
  ...names.map((name) => `${name}\u0001`),
];
