import { buffer } from 'node:stream/consumers';

import { sql } from '#kysely';

import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { newObjectId } from '../lib/ids.ts';
import { patienceMs } from '../lib/patience.ts';
import { transact } from '../lib/transact.ts';
import { requireQuota, reserveQuota } from '../policy/require-quota.ts';
import { releaseUnbound, locatorOf, reserveObjects } from '../storage/ledger.ts';
import { removeObjects } from '../storage/remove-objects.ts';
import type { Multipart, Store, UploadedPart } from '../storage/store.ts';
import { endWhenAborted } from './end-session.ts';
import { takenOver, type Hold, type ResumableContext } from './hold-upload.ts';
import { isReservedLate } from './reserve-arriving.ts';
import { readSession, readSessionObject, type SessionObject, type UploadSession } from './session-rows.ts';

/** The durable bytes of an upload while one request holds it. */
export type Durable = {
  ctx: ResumableContext;
  hold: Hold;
  session: UploadSession;
  offset: number;
  /** With a checksum, parts count only when all have matched. */
  isProvisional: boolean;
  provisional: UploadedPart[];
};

const tailLeaseSeconds = 3600;

/** Stores bytes as a part, advances the offset past them and returns the new offset. Without bytes it makes no part. */
export async function flushPart(durable: Durable, bytes: Buffer): Promise<number> {
  if (bytes.length > 0) {
    const { object, multipart, providerUploadId } = await targetOf(durable);
    await requireArriving(durable, bytes);
    const number = await takePartNumber(durable);
    const part = await multipart.putPart(object.key, providerUploadId, number, bytes, { bytes: bytes.length }).catch(async (error: unknown) => {
      await endWhenAborted(durable.ctx, durable.session, error);
      throw error;
    });
    durable.provisional.push({ ...part, bytes: bytes.length });
  }
  return durable.isProvisional ? durable.offset : await record(durable, null);
}

/**
 * Keeps bytes that are too few for a full part: as a short part where the provider allows it and there are few of them, otherwise in an object of
 * their own, which replaces the previous tail.
 */
export async function flushTail(durable: Durable, bytes: Buffer): Promise<number> {
  const { ctx, session } = durable;
  if (bytes.length === 0) return await record(durable, null);
  // Nothing arrived beyond the tail that is stored already.
  if (durable.provisional.length === 0 && bytes.length === session.tail_bytes) return durable.offset;
  const { object, store } = await targetOf(durable);
  await requireArriving(durable, bytes);
  if (bytes.length >= leastShortPart(ctx, session, store)) return await flushPart(durable, bytes);
  const tail = { id: newObjectId(), provider: object.provider, location: object.location, key: `${object.key}.tail-${newObjectId()}` };
  await reserveObjects(ctx.site.db, [{ ...locatorOf(tail), id: tail.id, role: 'tail', leaseUntil: secondsFrom(session.expires_at, tailLeaseSeconds) }]);
  try {
    await store.put(tail.key, bytes, { contentType: 'application/octet-stream', bytes: bytes.length });
    return await record(durable, { id: tail.id, bytes: bytes.length });
  } catch (error) {
    // The tail may have been recorded after all, and only the answer lost.
    if ((await readSession(ctx.site.db, session.id))?.tail_object_id !== tail.id) await releaseUnbound(ctx.site.db, [tail.id]);
    throw error;
  }
}

/** The smallest size of a part that is not full: what the provider allows, and large enough to stay within its limit of parts. */
function leastShortPart(ctx: ResumableContext, session: UploadSession, store: Store): number {
  const { minPartBytes = 1, equalParts = false } = store.capabilities.multipart ?? {};
  if (equalParts) return Number.POSITIVE_INFINITY;
  return Math.max(minPartBytes, Math.ceil((session.declared_bytes ?? ctx.site.ceilings.requestBytes) / 5_000));
}

/** The bytes of the tail; they are sent again with those that follow. */
export async function readTail(durable: Durable): Promise<Buffer> {
  const { ctx, session } = durable;
  if (session.tail_object_id === null) return Buffer.alloc(0);
  const tail = await readSessionObject(ctx.site.db, session.tail_object_id);
  const stored = tail === undefined ? null : await ctx.site.stores.of(locatorOf(tail)).get(tail.key, { signal: ctx.signal });
  if (stored === null) throw new SafelightError('storage_unavailable', 'A piece of this upload cannot be read right now.');
  return await buffer(stored.body);
}

/** Records under the lock which parts count, which object is the tail, and the offset: a holder that lost the lock writes nothing. */
async function record(durable: Durable, tail: { id: string; bytes: number } | null): Promise<number> {
  const { ctx, hold, session } = durable;
  const parts = durable.provisional.splice(0);
  if (parts.length === 0 && tail === null) return durable.offset;
  const before = session.tail_object_id;
  // The previous tail is in the first new part, or in the tail that replaces it.
  const offset = durable.offset - session.tail_bytes + parts.reduce((sum, { bytes }) => sum + bytes, 0) + (tail?.bytes ?? 0);
  await transact(ctx.site.db, async (tx) => {
    if (isReservedLate(ctx, session)) await reserveQuota(tx, ctx.actor, ctx.site.ceilings, { bytes: offset, uploadId: session.id });
    const { numUpdatedRows } = await tx
      .updateTable('upload_session')
      .set({ received_bytes: offset, tail_object_id: tail?.id ?? null, tail_bytes: tail?.bytes ?? 0, updated_at: ctx.site.clock.now() })
      .where('id', '=', session.id)
      .where('state', '=', 'open')
      .where('lock_holder', '=', hold.holder)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw takenOver();
    if (parts.length > 0)
      await tx
        .insertInto('upload_part')
        .values(parts.map(({ partNumber, etag, bytes }) => ({ upload_id: session.id, part_number: partNumber, etag, bytes })))
        .execute();
    if (before !== null) await releaseUnbound(tx, [before]);
  });
  session.tail_object_id = tail?.id ?? null;
  session.tail_bytes = tail?.bytes ?? 0;
  durable.offset = offset;
  if (before !== null) await removeObjects({ ...ctx, signal: AbortSignal.timeout(patienceMs.discard) }, [before]);
  return offset;
}

/**
 * Checked before the bytes are stored, so that nothing is stored for which the owner has no room. The previous tail is part of these bytes or of
 * those before them.
 */
async function requireArriving({ ctx, session, offset, provisional }: Durable, bytes: Buffer): Promise<void> {
  const total = offset - session.tail_bytes + provisional.reduce((sum, part) => sum + part.bytes, 0) + bytes.length;
  if (isReservedLate(ctx, session)) await requireQuota(ctx.site.db, ctx.actor, ctx.site.ceilings, { bytes: total, uploadId: session.id });
}

async function takePartNumber({ ctx, hold, session }: Durable): Promise<number> {
  const { rows } = await sql<{ number: number }>`
    update upload_session set next_part = next_part + 1
    where id = ${session.id} and lock_holder = ${hold.holder} and state = 'open'
    returning next_part - 1 as number`.execute(ctx.site.db);
  const [row] = rows;
  if (row === undefined) throw takenOver();
  return row.number;
}

type Target = { object: SessionObject; store: Store; multipart: Multipart; providerUploadId: string };

async function targetOf({ ctx, session }: Durable): Promise<Target> {
  const object = session.object_id === null ? undefined : await readSessionObject(ctx.site.db, session.object_id);
  if (object === undefined || session.provider_upload_id === null) throw new SafelightError('gone', 'This upload has been given up. Open a new one.');
  const store = ctx.site.stores.of(locatorOf(object));
  if (store.multipart === undefined) throw new SafelightError('storage_unavailable', 'The staging store takes no parts.', { retryable: false });
  return { object, store, multipart: store.multipart, providerUploadId: session.provider_upload_id };
}
