import { setTimeout as delay } from 'node:timers/promises';

import type { StoreSite } from '../storage/stores.ts';
import { SafelightError } from '../lib/errors.ts';
import { storeName, type StoreId } from '../storage/locator.ts';
import type { Store } from '../storage/store.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { moveObject, type MovableObject, type MoveContext, type MoveOptions } from './move-object.ts';
import { createPace } from '../lib/pace.ts';

export type MigrateOptions = Pick<MoveOptions, 'graceSeconds' | 'leaseSeconds' | 'readBack'> & {
  from: Store;
  to: Store;
  /** For all objects together; by default as fast as the stores are. */
  bytesPerSecond?: number;
  /** How many objects move at once. */
  concurrency?: number;
  /** Only objects bound to assets: not the bytes of unfinished uploads. */
  boundOnly?: boolean;
  onProgress?: (progress: { objects: number; bytes: number; expectedObjects: number }) => void;
};

export type Migration = {
  moved: number;
  bytes: number;
  /** Deleted or moved by another process meanwhile. */
  changed: number;
  failed: number;
  /** The first of the failures, with their reasons. */
  failures: { objectId: string; key: string; reason: string }[];
  /** Objects in use that the store still holds: failures, running uploads, and those added behind the walk. */
  left: number;
};

const pageSize = 200;
const defaultConcurrency = 4;
const shownFailures = 100;
const attempts = 3;
/** This many failures without a success in between mean that a store is away, not that a few objects are bad. */
const hopeless = 20;

/**
 * Moves every stored object of one store to another, each by {@link moveObject}, while the product runs. Moved objects no longer count as the
 * source's, so a repeat continues where it ended, even after a crash; two concurrent runs share the work.
 */
export async function migrateObjects(ctx: MoveContext, options: MigrateOptions): Promise<Migration> {
  const { from, to, boundOnly = false, concurrency = defaultConcurrency, bytesPerSecond, onProgress, ...moving } = options;
  if (storeName(from) === storeName(to))
    throw new SafelightError(
      'invalid_request',
      `From
    and to are both ${storeName(to)}; name two stores.`,
    );
  const expected = await countMovable(ctx, from, boundOnly ? 'bound' : 'stored');
  const total: Migration = { moved: 0, bytes: 0, changed: 0, failed: 0, failures: [], left: 0 };
  const move: MoveOptions = { ...moving, to, ...(bytesPerSecond === undefined ? {} : { pace: createPace(bytesPerSecond, ctx.signal) }) };
  let inARow = 0;
  let postponed: MovableObject[] = [];
  const one = async (row: MovableObject): Promise<void> => {
    const outcome = await tryToMove(ctx, row, move);
    if (outcome instanceof Error) {
      total.failed += 1;
      inARow += 1;
      if (total.failures.length < shownFailures) total.failures.push({ objectId: row.id, key: row.key, reason: outcome.message });
      if (inARow >= hopeless)
        throw new SafelightError(
          'storage_unavailable',
          `${hopeless} objects in a row could not be moved; the last: ${outcome.message} Run this again when it is settled; it goes on where it ended.`,
        );
      return;
    }
    inARow = 0;
    if (outcome.outcome === 'busy') postponed.push(row);
    else total[outcome.outcome] += 1;
    total.bytes += outcome.bytes;
    onProgress?.({ objects: total.moved + total.changed + total.failed, bytes: total.bytes, expectedObjects: expected.objects });
  };
  await eachAtOnce(movable(ctx, from, boundOnly), concurrency, one);
  // Held by a mover that died, or by a removal: the sweeper frees them once their time has passed.
  while (postponed.length > 0) {
    await delay(1_000, undefined, { signal: ctx.signal });
    await sweepLedger(ctx);
    const again = postponed.splice(0);
    postponed = [];
    await eachAtOnce(stillThere(ctx, again), concurrency, one);
  }
  total.left = (await countMovable(ctx, from, 'in use')).objects;
  return total;
}

/** Counts what would be moved: only objects bound to assets, or everything that is not being deleted. */
export async function countMovable(
  { site: { db } }: { site: Pick<StoreSite, 'db'> },
  from: StoreId,
  which: 'stored' | 'bound' | 'in use',
): Promise<{ objects: number; bytes: number }> {
  let query = db
    .selectFrom('object')
    .select((eb) => [eb.fn.countAll<string>().as('objects'), eb.fn.sum<string | null>('bytes').as('bytes')])
    .where('provider', '=', from.provider)
    .where('location', '=', from.location);
  query = which === 'in use' ? query.where('state', '!=', 'deleting') : query.where('state', '=', 'stored');
  if (which === 'bound') query = query.where('asset_id', 'is not', null);
  const row = await query.executeTakeFirstOrThrow();
  return { objects: Number(row.objects), bytes: Number(row.bytes ?? 0) };
}

async function tryToMove(ctx: MoveContext, row: MovableObject, options: MoveOptions): Promise<Awaited<ReturnType<typeof moveObject>> | Error> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await moveObject(ctx, row, options);
    } catch (error) {
      ctx.signal.throwIfAborted();
      const failure = error instanceof Error ? error : new Error(String(error));
      const mayHelp = !(error instanceof SafelightError) || error.retryable;
      if (attempt >= attempts || !mayHelp) return failure;
      await delay(500 * 2 ** attempt, undefined, { signal: ctx.signal });
    }
  }
}

const columns = ['id', 'provider', 'location', 'key', 'role', 'bytes', 'sha256', 'mime_type'] as const;

/** By key, a page at a time: moved objects leave the walk behind it, and no transaction stays open meanwhile. */
async function* movable({ site: { db } }: MoveContext, from: StoreId, boundOnly: boolean): AsyncGenerator<MovableObject, void> {
  let last = '';
  for (;;) {
    let query = db
      .selectFrom('object')
      .select(columns)
      .where('provider', '=', from.provider)
      .where('location', '=', from.location)
      .where('state', '=', 'stored')
      .where('key', '>', last);
    if (boundOnly) query = query.where('asset_id', 'is not', null);
    const rows = await query.orderBy('key').limit(pageSize).execute();
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined || rows.length < pageSize) return;
    last = end.key;
  }
}

async function* stillThere({ site: { db } }: MoveContext, rows: readonly MovableObject[]): AsyncGenerator<MovableObject, void> {
  for (const { id, provider, location } of rows) {
    const row = await db
      .selectFrom('object')
      .select(columns)
      .where('id', '=', id)
      .where('provider', '=', provider)
      .where('location', '=', location)
      .where('state', '=', 'stored')
      .executeTakeFirst();
    if (row !== undefined) yield row;
  }
}

/** Starts the next item as soon as one is done. The first error ends all, after the running ones have ended. */
async function eachAtOnce<Item>(items: AsyncGenerator<Item, void>, concurrency: number, work: (item: Item) => Promise<void>): Promise<void> {
  let stopped = false;
  const lanes = Array.from({ length: concurrency }, async () => {
    try {
      for (;;) {
        const next = stopped ? undefined : await items.next();
        if (next === undefined || next.done === true) return;
        await work(next.value);
      }
    } catch (error) {
      stopped = true;
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(lanes);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
