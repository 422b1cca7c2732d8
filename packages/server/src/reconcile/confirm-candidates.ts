import type { Context, DataSite } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { runLimited } from '../storage/run-limited.ts';
import type { Store } from '../storage/store.ts';
import type { Discrepancy } from './discrepancy.ts';
import { rowsOfKeys, type LedgerRow } from './ledger-rows.ts';

/** A key on which the two listings differed, with its ledger row. */
export type Candidate = { key: string; row: LedgerRow | null };

const headsAtOnce = 8;

/**
 * Checks each candidate again and keeps the real discrepancies. The two listings were read at different moments, while uploads and deletions went on,
 * so most differences are temporary.
 *
 * The order of the checks matters. For an object without a row: first the ledger, then the object, because a deletion removes the row after the
 * bytes; without a row, and still there afterwards, it never had one. For a missing object: first the object, then the row, because a deletion marks
 * the row before it removes the bytes; still `stored` afterwards, it was `stored` all the time.
 */
export async function confirmCandidates(
  ctx: Pick<Context, 'signal'> & { site: Pick<DataSite, 'db'> },
  store: Store,
  candidates: readonly Candidate[],
  graceSeconds: number,
): Promise<Discrepancy[]> {
  const unnamed = candidates.filter(({ row }) => row === null).map(({ key }) => key);
  const named = await rowsOfKeys(ctx.site.db, store, unnamed, graceSeconds);
  const toHead = candidates.filter(({ key, row }) => (row === null ? !named.has(key) : row.state === 'stored')).map(({ key }) => key);
  const objects = await headAll(ctx, store, toHead);
  const expected = candidates.filter(({ row }) => row !== null).map(({ key }) => key);
  const rows = await rowsOfKeys(ctx.site.db, store, expected, graceSeconds);
  return candidates.flatMap(({ key, row }) => {
    const object = objects.get(key) ?? null;
    if (row === null) return object === null || named.has(key) ? [] : [unknown(store, key, object)];
    const now = rows.get(key);
    // A row with the same key but another id is about another object.
    return now === undefined || now.id !== row.id || now.state !== row.state ? [] : judge(store, now, object);
  });
}

type Seen = { bytes: number | null; modifiedAt: Date | null };

async function headAll(ctx: { signal: AbortSignal }, store: Store, keys: readonly string[]): Promise<Map<string, Seen>> {
  const found = new Map<string, Seen>();
  await runLimited(keys, headsAtOnce, async (key) => {
    try {
      const object = await store.head(key, { signal: ctx.signal });
      if (object !== null) found.set(key, object);
    } catch (error) {
      // A name that we never use and cannot request: it was listed, so it exists.
      if (!(error instanceof SafelightError) || error.code !== 'invalid_request') throw error;
      found.set(key, { bytes: null, modifiedAt: null });
    }
  });
  return found;
}

function judge(store: Store, row: LedgerRow, object: Seen | null): Discrepancy[] {
  const found = {
    provider: store.provider,
    location: store.location,
    key: row.key,
    objectId: row.id,
    assetId: row.asset_id,
    role: row.role,
    expectedBytes: row.bytes,
  };
  switch (row.state) {
    case 'stored':
      if (object === null) return [{ ...found, class: 'missing_object', actualBytes: null, detail: 'the ledger has it as stored, and there is no object' }];
      if (row.bytes === null || object.bytes === row.bytes) return [];
      return [{ ...found, class: 'size_mismatch', actualBytes: object.bytes, detail: `${row.bytes} bytes are in the ledger, ${object.bytes} in the store` }];
    case 'writing':
      return row.overdue
        ? [{ ...found, class: 'stuck_writing', actualBytes: null, detail: `its writer's lease passed at ${row.lease_until?.toISOString()}` }]
        : [];
    case 'deleting':
      return row.overdue
        ? [
            {
              ...found,
              class: 'stuck_deleting',
              actualBytes: null,
              detail: row.last_error === null ? 'nobody has removed it yet' : `${row.attempts} attempts failed, the last with: ${row.last_error}`,
            },
          ]
        : [];
    default:
      return row.state satisfies never;
  }
}

const unknown = (store: Store, key: string, object: Seen): Discrepancy => ({
  class: 'unknown_object',
  provider: store.provider,
  location: store.location,
  key,
  objectId: null,
  assetId: null,
  role: null,
  expectedBytes: null,
  actualBytes: object.bytes,
  detail: object.modifiedAt === null ? 'no ledger row names it' : `no ledger row names it; last changed ${object.modifiedAt.toISOString()}`,
});
