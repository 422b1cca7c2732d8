import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import { type StoreId, storeName } from '../storage/locator.ts';

/** What records need and the configuration lacks. */
export type Undeclared = { collections: string[]; stores: string[] };

/**
 * Finds collections that have media and stores that hold objects which the configuration does not name (any more): nobody is served what is in them,
 * and those who have a right to it are told to try again. Reads a few rows by index, however many there are: every collection with media once had a policy.
 */
export async function findUndeclared(db: Db, config: { collections: ReadonlyMap<string, unknown>; stores: readonly StoreId[] }): Promise<Undeclared> {
  const collections = await sql<{ collection: string }>`
    select collection from policy
    where collection <> all(${[...config.collections.keys()]}::text[])
      and exists (select from asset where asset.collection = policy.collection) order by collection`.execute(db);
  const stores = await sql<StoreId>`
    with recursive used as (
      (select provider, location from object order by provider, location limit 1)
      union all
      select next.provider, next.location from used cross join lateral (
        select provider, location from object where (provider, location) > (used.provider, used.location)
        order by provider, location limit 1) as next
    )
    select provider, location from used`.execute(db);
  const configured = new Set(config.stores.map(storeName));
  return { collections: collections.rows.map((row) => row.collection), stores: stores.rows.map(storeName).filter((name) => !configured.has(name)) };
}

/** The same in words; null when nothing is lacking. */
export function wordsForUndeclared({ collections, stores }: Undeclared): string | null {
  const parts = [
    ...(collections.length === 0 ? [] : [`media are in ${collections.join(', ')}, which the configuration does not declare`]),
    ...(stores.length === 0 ? [] : [`objects are in ${stores.join(', ')}, which is not configured`]),
  ];
  return parts.length === 0 ? null : `${parts.join('; ')}: they are not served`;
}
