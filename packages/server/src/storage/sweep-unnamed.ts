import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import { storeName } from './locator.ts';
import type { RemovalContext } from './remove-objects.ts';
import type { Store } from './store.ts';

/** Far longer than a writer may take from its bytes to the transaction that tells of them. */
export const unnamedLeaseMs = 24 * 60 * 60 * 1000;

/**
 * Finishes what a crash left of bytes that have no name yet: those that the ledger calls stored get their names, and old ones that it does not know are
 * removed. Returns how many were removed. A store that is away is left for the next time.
 */
export async function sweepUnnamed(ctx: RemovalContext, now: number = Date.now()): Promise<number> {
  let removed = 0;
  for (const store of ctx.site.stores.all()) {
    try {
      removed += await sweepStore(ctx.site.db, store, now);
    } catch (error) {
      ctx.log.warn({ err: error, store: storeName(store) }, 'what has no name yet in a store could not be swept; it will be tried again');
    }
  }
  return removed;
}

/** Looking for the object gives it its name. What is without one after that is of a writer that came too late. */
async function finish(store: Store, key: string): Promise<void> {
  if ((await store.head(key)) !== null) await store.unnamed?.discard(key);
}

async function sweepStore(db: Db, store: Store, now: number): Promise<number> {
  const left = (await store.unnamed?.list()) ?? [];
  if (left.length === 0) return 0;
  const { rows } = await sql<{ key: string; state: string }>`
    select key, state from object
    where provider = ${store.provider} and location = ${store.location}
      and key = any(${left.map(({ key }) => key)})`.execute(db);
  const states = new Map(rows.map(({ key, state }) => [key, state]));
  for (const { key } of left) if (states.get(key) === 'stored') await finish(store, key);
  const unknown = left.filter(({ key, modifiedAt }) => !states.has(key) && now - modifiedAt.getTime() > unnamedLeaseMs);
  if (unknown.length === 0) return 0;
  const { deleted } = await store.delete(unknown.map(({ key }) => key));
  return deleted.length;
}
