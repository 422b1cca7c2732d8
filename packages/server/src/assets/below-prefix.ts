import { sql, type RawBuilder } from '#kysely';

import type { Db } from '../lib/context.ts';

/** Up to this many objects are looked up by their keys; in a larger folder, checking the newest media one by one finds matches soon. */
const mostObjects = 2_000;
/** In the text, not a parameter: for an unknown limit Postgres expects a tenth of all rows, and in a large library planned the statement anew each time. */
const most = sql.lit(mostObjects);

/**
 * Media with an object below one of these prefixes, as a condition on `asset`; null when there are none. A prefix consists of whole path segments,
 * with or without a final separator, so `images` never matches `images2`.
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
        limit ${most}) as found limit ${most}`.execute(db);
  if (rows.length === 0) return null;
  if (rows.length < mostObjects) return sql<boolean>`asset.id = any(${[...new Set(rows.map(({ id }) => id).filter((id) => id !== null))]}::uuid[])`;
  // A scalar subquery, because Postgres may evaluate EXISTS by hashing everything below the prefix.
  return sql<boolean>`coalesce((select true from object, unnest(${folders}::text[]) as folder
    where object.asset_id = asset.id
    and (starts_with(object.key, folder) or object.key = any(${[...prefixes]}::text[])) limit 1), false)`;
}

const ranges = (folders: readonly string[], names: readonly string[]): string[] => [...folders, ...names];
/** Keys are ordered by their bytes: `0` follows the separator, and no character in a key precedes U+0001. */
const ends = (folders: readonly string[], names: readonly string[]): string[] => [
  ...folders.map((folder) => `${folder.slice(0, -1)}0`),
  ...names.map((name) => `${name}\u0001`),
];
