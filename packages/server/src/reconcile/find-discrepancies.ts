import type { Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { assertKey } from '../storage/assert-key.ts';
import { storeName } from '../storage/locator.ts';
import type { ListPage, Store } from '../storage/store.ts';
import type { Stores, StoreSite } from '../storage/stores.ts';
import { confirmCandidates, type Candidate } from './confirm-candidates.ts';
import type { Discrepancy } from './discrepancy.ts';
import { countLedger, ledgerRows, type LedgerRow } from './ledger-rows.ts';
import { mergeByKey, type Pair } from './merge-by-key.ts';
import { pageAhead } from './page-ahead.ts';

export type FindContext = Pick<Context, 'signal'> & { site: Pick<StoreSite, 'db' | 'stores'> };

export type FindOptions = {
  /** One store by name ("s3:uploads"); by default all configured ones. */
  store?: string;
  /** Only below this path; "media/ada" and "media/ada/" mean the same, and neither includes "media/adam". */
  prefix?: string;
  /** How long a lease or a removal may be overdue before it is reported: longer than a round of the sweeper. 60 by default. */
  graceSeconds?: number;
  onProgress?: (progress: Progress) => void;
};

export type Progress = {
  /** Ledger rows and objects compared so far. */ rows: number;
  objects: number;
  /** The number of ledger rows at the start. */ expectedRows: number;
};

const pageSize = 1_000;
const confirmedAtOnce = 100;
const defaultGraceSeconds = 60;

/**
 * Compares the ledger with the stores in both directions and yields the differences as it finds them. It only reads, and holds a page of each side,
 * however many objects there are. Uploads, deletions and the sweeper may go on meanwhile; objects that they are working on are not reported.
 *
 * Throws `invalid_request` for a store that is not configured or a path that no key can have, `storage_unavailable` when a store cannot be read.
 */
export async function* findDiscrepancies(ctx: FindContext, options: FindOptions = {}): AsyncGenerator<Discrepancy, void> {
  const prefix = cleanPrefix(options.prefix ?? '');
  const stores = chooseStores(ctx.site.stores, options.store);
  const chosen = new Set(stores.map(storeName));
  const counts = await countLedger(ctx.site.db);
  const expectedRows = counts.reduce((sum, count) => sum + (chosen.has(`${count.provider}:${count.location}`) ? count.objects : 0), 0);
  const progress: Progress = { rows: 0, objects: 0, expectedRows };
  for (const store of stores)
    yield* compareStore(ctx, store, { prefix, graceSeconds: options.graceSeconds ?? defaultGraceSeconds, progress, onProgress: options.onProgress });
}

/** Stores with objects in the ledger that are not configured: those objects cannot be checked. */
export async function findUncheckedStores(ctx: FindContext): Promise<{ store: string; objects: number }[]> {
  const configured = new Set(ctx.site.stores.all().map(storeName));
  const counts = await countLedger(ctx.site.db);
  return counts.map(({ provider, location, objects }) => ({ store: `${provider}:${location}`, objects })).filter(({ store }) => !configured.has(store));
}

type CompareOptions = { prefix: string; graceSeconds: number; progress: Progress; onProgress: FindOptions['onProgress'] };

async function* compareStore(ctx: FindContext, store: Store, options: CompareOptions): AsyncGenerator<Discrepancy, void> {
  const { prefix, graceSeconds, progress, onProgress } = options;
  let candidates: Candidate[] = [];
  let steps = 0;
  const merged = mergeByKey(ledgerRows(ctx.site.db, store, { prefix, pageSize, graceSeconds }), listAll(store, prefix, ctx.signal));
  for await (const pair of merged) {
    ctx.signal.throwIfAborted();
    if (pair.left !== null) progress.rows += 1;
    if (pair.right !== null) progress.objects += 1;
    steps += 1;
    if (steps % pageSize === 0) onProgress?.({ ...progress });
    if (!differs(pair)) continue;
    candidates.push({ key: pair.key, row: pair.left });
    if (candidates.length < confirmedAtOnce) continue;
    yield* await confirmCandidates(ctx, store, candidates, graceSeconds);
    candidates = [];
  }
  if (candidates.length > 0) yield* await confirmCandidates(ctx, store, candidates, graceSeconds);
  onProgress?.({ ...progress });
}

function differs({ left, right }: Pair<LedgerRow, { key: string; bytes: number }>): boolean {
  if (left === null) return true;
  if (left.state !== 'stored') return left.overdue;
  return right === null || (left.bytes !== null && left.bytes !== right.bytes);
}

function listAll(store: Store, prefix: string, signal: AbortSignal): AsyncGenerator<ListPage['objects'][number], void> {
  return pageAhead<ListPage['objects'][number], string>(async (cursor) => {
    const page = await store.list({ prefix, limit: pageSize, signal, ...(cursor === null ? {} : { cursor }) });
    return { items: page.objects, next: page.cursor };
  });
}

function cleanPrefix(prefix: string): string {
  const path = prefix.replace(/\/+$/, '');
  if (path === '') return '';
  assertKey(path);
  return `${path}/`;
}

function chooseStores(stores: Stores, name: string | undefined): readonly Store[] {
  if (name === undefined) return stores.all();
  const found = stores.all().filter((store) => storeName(store) === name);
  if (found.length > 0) return found;
  const configured = stores.all().map(storeName).join(', ');
  throw new SafelightError('invalid_request', `There is no store "${name}". Configured are: ${configured}.`, {
    errors: [{ field: 'store', message: `one of ${configured}` }],
  });
}
