import { sql } from '#kysely';

import { SafelightError } from '../lib/errors.ts';
import { relaxed } from '../lib/relaxed.ts';
import { transact } from '../lib/transact.ts';
import { requireQuota, reserveQuota } from '../policy/require-quota.ts';
import type { SessionObject, UploadSession } from './session-rows.ts';
import type { Append, Appender, Store, StoredObject } from '../storage/store.ts';
import { takenOver, type Hold, type ResumableContext } from './hold-upload.ts';
import { isReservedLate } from './reserve-arriving.ts';
import { smallBytes, type Sink } from './sink.ts';

export type AppendTarget = {
  ctx: ResumableContext;
  hold: Hold;
  session: UploadSession;
  object: SessionObject;
  store: Store & { append: Append };
  /** With a checksum, bytes count only when all have matched. */
  isProvisional: boolean;
};

/** The offset is recorded after this many bytes, or after fewer (`leastRecordBytes`) once a second has passed. */
const recordBytes = 64 << 20;
const leastRecordBytes = 4 << 20;
const recordEveryMs = 1_000;

/**
 * Appends the bytes to one file. They are made durable and recorded at the end of the request, and rarely enough in between that it costs nothing:
 * what a dying server has not recorded, the client sends again.
 */
export async function openAppendSink(target: AppendTarget): Promise<Sink> {
  const { hold, session } = target;
  const begun: Buffer[] = [];
  let received = session.received_bytes;
  let recorded = session.received_bytes;
  if (hold.wasLeft) await fork(target);
  const file = growingFile(target);
  const appendBegun = async (): Promise<void> => {
    for (const bytes of begun.splice(0)) await file.append(bytes, received);
  };

  /** Records run one after the other; a failure rejects the next call to take or keep. */
  let recording: Promise<void> = Promise.resolve();
  let asked = recorded;
  const record = async (isLast: boolean, upTo = file.end()): Promise<void> => {
    if (upTo === recorded) return;
    await file.sync();
    await moveOffset(target, upTo, isLast);
    recorded = upTo;
  };
  const recordAfter = (bytes: number): void => {
    if (target.isProvisional || !file.isBegun() || file.end() - asked < bytes) return;
    asked = file.end();
    recording = recording.then(() => record(false));
    recording.catch(() => undefined);
  };
  const timer = setInterval(() => recordAfter(leastRecordBytes), recordEveryMs);

  return {
    async take(bytes) {
      received += bytes.length;
      if (!file.isBegun() && session.received_bytes === 0 && received <= smallBytes) return void begun.push(bytes);
      await appendBegun();
      await file.append(bytes, received);
      const before = recording;
      recordAfter(recordBytes);
      // Writing may run no further ahead of the disk than this.
      if (before !== recording) await before;
    },
    async keep(isWhole) {
      clearInterval(timer);
      await recording;
      if (begun.length > 0) {
        await requireArriving(target, received);
        const stored = isWhole ? await putWhole(target, Buffer.concat(begun)) : null;
        if (stored === null) await appendBegun();
        await record(true, stored === null ? file.end() : received);
        return { offset: recorded, ...(stored && { stored }) };
      }
      await record(true);
      return { offset: recorded };
    },
    async close() {
      clearInterval(timer);
      await recording.catch(() => undefined);
      await file.close();
    },
  };
}

/** Created with its first bytes; checks now and then whether the quota has room for what has arrived. */
function growingFile(target: AppendTarget) {
  const { session, object, store } = target;
  let appender: Appender | undefined;
  let checked = Number.NEGATIVE_INFINITY;
  let end = session.received_bytes;
  return {
    isBegun: () => appender !== undefined,
    /** Behind the last byte that the store took: what it refuses does not count, or the next request would go on behind bytes that nobody has. */
    end: () => end,
    async append(bytes: Buffer, received: number): Promise<void> {
      if (received - checked >= leastRecordBytes) {
        checked = received;
        await requireArriving(target, received);
      }
      appender ??= await store.append.open(object.key, idOf(session), session.received_bytes);
      await appender.write(bytes);
      end += bytes.length;
    },
    sync: async () => await appender?.sync(),
    close: async () => await appender?.close(),
  };
}

const idOf = (session: UploadSession): string => {
  if (session.provider_upload_id === null) throw new SafelightError('gone', 'This upload has been given up. Open a new one.');
  return session.provider_upload_id;
};

/** A request that lost the upload may go on writing, but to a file that no longer counts. */
async function fork({ ctx, hold, session, object, store }: AppendTarget): Promise<void> {
  const forked = await store.append.fork(object.key, idOf(session), session.received_bytes);
  const { numUpdatedRows } = await ctx.site.db
    .updateTable('upload_session')
    .set({ provider_upload_id: forked })
    .where('id', '=', session.id)
    .where('lock_holder', '=', hold.holder)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw takenOver();
  await store.multipart?.abort(object.key, idOf(session));
  session.provider_upload_id = forked;
}

/** Null when an attempt that has lost the upload left an object there; the appended bytes replace it. */
async function putWhole({ hold, object, session, store }: AppendTarget, bytes: Buffer): Promise<StoredObject | null> {
  await hold.confirm();
  try {
    return await store.put(object.key, bytes, { contentType: session.content_type ?? 'application/octet-stream', bytes: bytes.length, ifAbsent: true });
  } catch (error) {
    if (error instanceof SafelightError && error.code === 'conflict') return null;
    throw error;
  }
}

/** Of an upload that was held once: null would say that it never was. */
const returned = new Date(0);

/** Runs under the lock: a holder that lost it moves nothing. The last record of a request releases the lock. */
async function moveOffset({ ctx, hold, session, object, store }: AppendTarget, offset: number, isLast: boolean): Promise<void> {
  // The event for a whole upload is left to the commit that creates the asset.
  const isFollowed = isLast && offset === session.declared_bytes && session.concat !== 'partial';
  const move = async (db: Pick<typeof ctx.site.db, 'updateTable'>): Promise<void> => {
    const { numUpdatedRows } = await db
      .updateTable('upload_session')
      .set({ received_bytes: offset, updated_at: ctx.site.clock.now(), ...(isLast ? { lock_holder: null, lock_until: returned } : {}) })
      .where('id', '=', session.id)
      .where('state', '=', 'open')
      .where('lock_holder', '=', hold.holder)
      .where(isFollowed ? relaxed : sql<boolean>`true`)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return;
    // The request that holds the upload now has forked it; nobody continues under the old id.
    await store.multipart?.abort(object.key, idOf(session));
    throw takenOver();
  };
  if (!isReservedLate(ctx, session)) await move(ctx.site.db);
  else
    await transact(ctx.site.db, async (tx) => {
      await reserveQuota(tx, ctx.actor, ctx.site.ceilings, { bytes: offset, uploadId: session.id });
      await move(tx);
    });
  hold.isReleased = isLast;
}

/** Checked before the bytes are written, so that nothing is stored for which the owner has no room. */
async function requireArriving({ ctx, session }: AppendTarget, bytes: number): Promise<void> {
  if (isReservedLate(ctx, session)) await requireQuota(ctx.site.db, ctx.actor, ctx.site.ceilings, { bytes, uploadId: session.id });
}
