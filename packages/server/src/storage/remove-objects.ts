import { sql } from '#kysely';

import type { StoreSite } from './stores.ts';
import type { Db, Context } from '../lib/context.ts';
import { locatorOf } from './ledger.ts';
import { storeName } from './locator.ts';

export type RemovalContext = Pick<Context, 'log' | 'signal'> & { site: Pick<StoreSite, 'db' | 'stores'> };

const batch = 200;
/** Longer than removing one batch takes; until then other processes leave the rows alone. */
const claimSeconds = 60;

/**
 * Removes the bytes of rows that are `deleting`, then the rows; `ids` limits it to some. Safe at any moment and in many processes at once: rows are
 * claimed for a minute, deleting a missing object succeeds, and failures are retried with growing pauses for as long as it takes. No transaction is
 * open during storage calls. A row whose key a signed URL can still write to stays until the URL has expired, and its bytes are removed again then.
 * Nothing is removed during a backup.
 */
export async function removeObjects(ctx: RemovalContext, ids?: readonly string[]): Promise<{ removed: number; failed: number }> {
  const total = { removed: 0, failed: 0 };
  for (;;) {
    ctx.signal.throwIfAborted();
    const rows = await claim(ctx.site.db, ids);
    if (rows.length === 0) return total;
    for (const group of Map.groupBy(rows, (row) => storeName(locatorOf(row))).values()) {
      const { removed, failed } = await removeGroup(ctx, group);
      total.removed += removed;
      total.failed += failed;
    }
    if (ids !== undefined && rows.length < batch) return total;
  }
}

type Claimed = { id: string; provider: string; location: string; key: string; attempts: number; multipart: boolean; writable: boolean };

async function claim(db: Db, ids: readonly string[] | undefined): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    update object set attempts = attempts + 1, retry_at = now() + make_interval(secs => ${claimSeconds})
    where id in (
      select id from object
      where state = 'deleting' and not exists (select from backup_hold where lease_until > now())
        and coalesce(retry_at, lease_until, created_at) <= now()
        ${ids === undefined ? sql`` : sql`and id = any(${[...ids]}::uuid[])`}
      order by coalesce(retry_at, lease_until, created_at) limit ${batch} for update skip locked)
    returning id, provider, location, key, attempts, multipart,
      coalesce(writable_until > now(), false) as writable`.execute(db);
  return rows;
}

async function removeGroup(ctx: RemovalContext, rows: readonly Claimed[]): Promise<{ removed: number; failed: number }> {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const failures = new Map<string, string>();
  try {
    const [first] = rows;
    if (first === undefined) return { removed: 0, failed: 0 };
    const store = ctx.site.stores.of(locatorOf(first));
    // Parts that were never joined cost money and are in no listing.
    for (const row of rows) if (row.multipart) await store.multipart?.abortAll(row.key, { signal: ctx.signal });
    const { failed } = await store.delete([...byKey.keys()], { signal: ctx.signal });
    for (const { key, reason } of failed) failures.set(key, reason);
  } catch (error) {
    for (const key of byKey.keys()) failures.set(key, error instanceof Error ? error.message : String(error));
  }
  const gone = rows.filter((row) => !failures.has(row.key));
  const idsOf = (which: boolean): string[] => gone.filter(({ writable }) => writable === which).map(({ id }) => id);
  const [finished, watched] = [idsOf(false), idsOf(true)];
  if (finished.length > 0) await ctx.site.db.deleteFrom('object').where('id', 'in', finished).where('state', '=', 'deleting').execute();
  if (watched.length > 0)
    await ctx.site.db
      .updateTable('object')
      .set((eb) => ({ retry_at: eb.ref('writable_until'), attempts: 0, last_error: null }))
      .where('id', 'in', watched)
      .where('state', '=', 'deleting')
      .execute();
  for (const [key, reason] of failures) {
    const row = byKey.get(key);
    if (row === undefined) continue;
    const pauseSeconds = Math.min(3600, 5 * 2 ** Math.min(row.attempts, 10));
    await sql`
      update object set retry_at = now() + make_interval(secs => ${pauseSeconds}), last_error = ${reason.slice(0, 500)}
      where id = ${row.id}`.execute(ctx.site.db);
    ctx.log.warn({ objectId: row.id, attempts: row.attempts, reason }, 'an object could not be removed; it will be tried again');
  }
  return { removed: gone.length, failed: failures.size };
}
