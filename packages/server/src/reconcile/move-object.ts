import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { sql } from '#kysely';

import type { StoreSite } from '../storage/stores.ts';
import { owned } from '../lib/owned.ts';
import { secondsFrom } from '../lib/clock.ts';
import type { Db, Tx, Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { newObjectId } from '../lib/ids.ts';
import { transact } from '../lib/transact.ts';
import { keepLease } from '../storage/keep-lease.ts';
import { locatorOf, type Written } from '../storage/ledger.ts';
import { storeName } from '../storage/locator.ts';
import type { Store, StoredObject } from '../storage/store.ts';
import { discardWritten } from '../storage/discard-written.ts';

export type MoveContext = Pick<Context, 'log' | 'signal'> & { site: StoreSite };

/** A `stored` row of the ledger as it was read; it is moved only if it is unchanged at the end. */
export type MovableObject = {
  id: string;
  provider: string;
  location: string;
  key: string;
  role: string;
  bytes: number | null;
  sha256: string | null;
  mime_type: string | null;
};

export type MoveOptions = {
  to: Store;
  /** How long the old object stays after the move, for readers that found it a moment before. */
  graceSeconds: number;
  /** How long another mover waits if this one dies; extended while it works. */
  leaseSeconds?: number;
  /** Reads the copy back and digests it, even if the provider has verified the received bytes. */
  readBack?: boolean;
  /** Waits until this many bytes may pass. */
  pace?: (bytes: number) => Promise<void>;
  onProgress?: (bytes: number) => void;
};

/**
 *   moved    The row names the copy, and the old object waits for its removal under a row of its own.
 *   changed  The row was deleted or moved by another process; the copy is removed again.
 *   busy     The key at the destination is held: by another mover, one that died, or a removal. Retry later.
 */
export type Moved = { outcome: 'moved' | 'changed' | 'busy'; bytes: number };

const defaultLeaseSeconds = 120;

/**
 * Moves one object to another store under its own key while readers, writers and deletions go on: the ledger names the copy before its first byte;
 * the copy is verified; then one transaction makes the row name the copy and gives the old object a row that is `deleting` after the grace period. A
 * crash at any point leaves rows that the sweeper understands. Readers that follow the row always find the object.
 *
 * Throws `gone` when there is nothing to copy, `checksum_mismatch` when the bytes are not those that were stored, `conflict` when the key is taken by
 * another object, `storage_unavailable` when a store does not answer.
 */
export async function moveObject(ctx: MoveContext, row: MovableObject, options: MoveOptions): Promise<Moved> {
  const { to, leaseSeconds = defaultLeaseSeconds } = options;
  const reservation = await reserveCopy(ctx, row, to, leaseSeconds);
  if (reservation === null) return { outcome: 'busy', bytes: 0 };
  const endLease = keepLease(ctx, [reservation.id], leaseSeconds);
  try {
    const copy = await copyVerified(ctx, row, options);
    const outcome = await flipLocator(ctx, row, reservation.id, to, copy, options.graceSeconds);
    if (outcome !== 'moved') await discardWritten(ctx, [reservation]);
    return { outcome, bytes: outcome === 'moved' ? copy.bytes : 0 };
  } catch (error) {
    // An object that others put there is not ours to remove: only our reservation of the key goes.
    if (error instanceof StrangerAtKey) await ctx.site.db.deleteFrom('object').where('id', '=', reservation.id).where('state', '=', 'writing').execute();
    else await discardWritten(ctx, [reservation]);
    // The object was deleted meanwhile, so there was nothing to read, and nothing is wrong.
    if (!(await isSame(ctx.site.db, row))) return { outcome: 'changed', bytes: 0 };
    throw error;
  } finally {
    endLease();
  }
}

class StrangerAtKey extends SafelightError {}

/** Inserts a row for the copy; null when another process's row has the key. */
async function reserveCopy({ site: { db, clock } }: MoveContext, row: MovableObject, to: Store, leaseSeconds: number): Promise<Written | null> {
  const copy = { id: newObjectId(), provider: to.provider, location: to.location, key: row.key, role: row.role };
  const inserted = await db
    .insertInto('object')
    .values({
      ...copy,
      mime_type: row.mime_type,
      state: 'writing',
      lease_until: secondsFrom(clock.now(), leaseSeconds),
    })
    .onConflict((conflict) => conflict.columns(['provider', 'location', 'key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted === undefined ? null : copy;
}

type Copy = { bytes: number; sha256: string };

async function copyVerified(ctx: MoveContext, row: MovableObject, { to, readBack, pace, onProgress }: MoveOptions): Promise<Copy> {
  const { signal } = ctx;
  const from = ctx.site.stores.of(locatorOf(row));
  const source = await from.get(row.key, { signal });
  if (source === null)
    throw new SafelightError('gone', 'There is no such object in the store that the ledger names. "safelight storage repair" says what can be done.', {
      retryable: false,
    });
  const body = pace === undefined ? source.body : owned(Readable.from(paced(source.body, pace), { objectMode: false }));
  let stored: StoredObject;
  try {
    stored = await to.put(row.key, body, {
      contentType: row.mime_type ?? source.contentType ?? 'application/octet-stream',
      bytes: row.bytes ?? source.bytes,
      // Never replaces an object that the ledger does not know.
      ifAbsent: true,
      signal,
      ...(row.sha256 === null ? {} : { sha256: row.sha256 }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  } catch (error) {
    if (!(error instanceof SafelightError) || error.code !== 'conflict') throw error;
    return await recognise(ctx, row, from, to);
  } finally {
    source.body.destroy();
  }
  if (stored.sha256 === null) throw new Error(`${to.provider} answered no digest of what it stored`);
  const copy = { bytes: stored.bytes, sha256: stored.sha256 };
  // If the provider verifies no checksum, we do.
  if (readBack === true || to.capabilities.checksum === null) requireSame(copy, await digestOf(to, row.key, signal));
  return copy;
}

/** An object already lies under our key: accepted when it is this very object, left by a mover that died before it could record it. */
async function recognise(ctx: MoveContext, row: MovableObject, from: Store, to: Store): Promise<Copy> {
  const expected = await digestOf(from, row.key, ctx.signal);
  if (row.sha256 !== null) requireSame({ ...expected, sha256: row.sha256 }, expected);
  const found = await digestOf(to, row.key, ctx.signal);
  if (found?.sha256 === expected.sha256) return found;
  throw new StrangerAtKey(
    'conflict',
    `Another object lies at ${row.key} in ${storeName(to)}, which Safelight did not put there. Remove or rename it and run this again.`,
  );
}

function requireSame(wanted: Copy, found: Copy): void {
  if (wanted.bytes === found.bytes && wanted.sha256 === found.sha256) return;
  throw new SafelightError(
    'checksum_mismatch',
    `The bytes have the SHA-256 ${found.sha256} (${found.bytes} bytes); ${wanted.sha256} (${wanted.bytes} bytes) was stored.`,
    { retryable: false },
  );
}

async function digestOf(store: Store, key: string, signal: AbortSignal): Promise<Copy> {
  const object = await store.get(key, { signal });
  if (object === null) throw new SafelightError('gone', `There is no ${key} in ${storeName(store)} any more.`);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of object.body) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function* paced(source: Readable, pace: (bytes: number) => Promise<void>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    await pace((chunk as Buffer).length);
    yield chunk as Buffer;
  }
}

/**
 * One transaction: the key at the destination passes from the reservation to the row, and the key at the source from the row to a new one that is
 * `deleting`.
 */
async function flipLocator(ctx: MoveContext, row: MovableObject, reservation: string, to: Store, copy: Copy, graceSeconds: number): Promise<Moved['outcome']> {
  return await transact(ctx.site.db, async (tx) => {
    const same = await sameRow(tx, row).forUpdate().executeTakeFirst();
    if (same === undefined) return 'changed';
    const { numDeletedRows } = await tx.deleteFrom('object').where('id', '=', reservation).where('state', '=', 'writing').executeTakeFirst();
    if (numDeletedRows === 0n) return 'busy';
    // No URL was ever signed for the new place; those for the old one keep their state.
    await tx
      .updateTable('object')
      .set({ provider: to.provider, location: to.location, ...copy, writable_until: null })
      .where('id', '=', row.id)
      .execute();
    await tx
      .insertInto('object')
      .values({
        ...locatorOf(row),
        id: newObjectId(),
        role: row.role,
        bytes: copy.bytes,
        state: 'deleting',
        retry_at: sql<Date>`now() + make_interval(secs => ${graceSeconds})`,
        writable_until: same.writable_until,
      })
      .execute();
    return 'moved';
  });
}

const sameRow = (db: Db | Tx, { id, provider, location, key }: MovableObject) =>
  db
    .selectFrom('object')
    .select(['id', 'writable_until'])
    .where('id', '=', id)
    .where('state', '=', 'stored')
    .where('provider', '=', provider)
    .where('location', '=', location)
    .where('key', '=', key);

const isSame = async (db: Db, row: MovableObject): Promise<boolean> => (await sameRow(db, row).executeTakeFirst()) !== undefined;
