import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import type { ObjectState } from '../lib/schema.ts';
import type { StoreId } from '../storage/locator.ts';
import { pageAhead } from './page-ahead.ts';

export type LedgerRow = {
  id: string;
  key: string;
  state: ObjectState;
  role: string;
  asset_id: string | null;
  bytes: number | null;
  lease_until: Date | null;
  last_error: string | null;
  attempts: number;
  /** By the database's clock, like every lease: a lease or a removal has been due for `graceSeconds`. */
  overdue: boolean;
};

/** After this many failures, a removal is stuck rather than delayed. */
const hopelessAttempts = 3;

const columns = (graceSeconds: number) => sql`
  id, key, state, role, asset_id, bytes, lease_until, last_error, attempts,
  case state
    when 'writing' then lease_until < now() - make_interval(secs => ${graceSeconds})
    when 'deleting' then (last_error is not null and attempts >= ${hopelessAttempts}) or coalesce(retry_at, created_at) < now() - make_interval(secs => ${graceSeconds})
    else false
  end as overdue`;

/** The ledger's rows for one store below a prefix, by key in byte order, a page at a time: no transaction stays open during storage calls. */
export function ledgerRows(db: Db, store: StoreId, options: { prefix: string; pageSize: number; graceSeconds: number }): AsyncGenerator<LedgerRow, void> {
  const { prefix, pageSize, graceSeconds } = options;
  // The prefix ends with "/", whose next byte is "0": exactly the keys below it lie between the two.
  const below = prefix === '' ? sql`` : sql`and key > ${prefix} and key < ${`${prefix.slice(0, -1)}0`}`;
  return pageAhead<LedgerRow, string>(async (last) => {
    const after = last === null ? sql`` : sql`and key > ${last}`;
    const { rows } = await sql<LedgerRow>`
      select ${columns(graceSeconds)} from object
      where provider = ${store.provider} and location = ${store.location} ${below} ${after}
      order by key limit ${pageSize}`.execute(db);
    return { items: rows, next: rows.length < pageSize ? null : (rows.at(-1)?.key ?? null) };
  });
}

/** The current rows of these keys. */
export async function rowsOfKeys(db: Db, store: StoreId, keys: readonly string[], graceSeconds: number): Promise<Map<string, LedgerRow>> {
  // Postgres text cannot hold a zero character, so no key of ours has one.
  const storable = keys.filter((key) => !key.includes('\0'));
  const { rows } = await sql<LedgerRow>`
    select ${columns(graceSeconds)} from object
    where provider = ${store.provider} and location = ${store.location} and key = any(${storable}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.key, row]));
}

/** The number of rows for each store, including stores that are no longer configured. */
export async function countLedger(db: Db): Promise<{ provider: string; location: string; objects: number }[]> {
  const { rows } = await sql<{ provider: string; location: string; objects: number }>`
    select provider, location, count(*) as objects from object group by provider, location
    order by provider, location`.execute(db);
  return rows;
}
