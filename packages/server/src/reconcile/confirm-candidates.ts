import type { Context, DataSite } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { runLimited } from '../storage/run-limited.ts';
import type { Store } from '../storage/store.ts';
import type { Discrepancy } from './discrepancy.ts';
import { rowsOfKeys, type LedgerRow } from './ledger-rows.ts';

/** A key on which the two listings did not agree, with what the ledger's page said about it. */
export type Candidate = { key: string; row: LedgerRow | null };

const headsAtOnce = 8;

/**
 * What remains of candidates when each is looked at again. The two listings were read at different moments, while uploads and
 * deletions went on, so most of what differs between them is in flight.
 *
 * The order of looking decides. An object that the ledger did not name: the ledger first, then the object, because a deletion removes
 * the row after the bytes; seen without a row and still there afterwards, it never had one. An object that was not in its place: the
 * object first, then the row, because a deletion marks the row before the bytes go; still `stored` afterwards, it was `stored` all the time.
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
    // A row under the same key but with another id is about another object.
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
      // A name that we would never give, and cannot ask for: it was listed, so it is there.
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
