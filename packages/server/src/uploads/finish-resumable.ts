import { Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';
import { SafelightError } from '../lib/errors.ts';
import { isWithinReach } from '../lib/reach.ts';
import { transact } from '../lib/transact.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { reserveQuota } from '../policy/require-quota.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { KnownOfUpload } from './complete-upload.ts';
import { completeOnArrival } from './complete-on-arrival.ts';
import { endSession, endWhenAborted } from './end-session.ts';
import { isAppended, readSession, readSessionObject, type SessionObject, type UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/**
 * Finishes an upload whose bytes are all there: joins its parts into one object and, unless it is itself a part of a concatenation, completes it like
 * any other upload; a refusal there also refuses the request that brought the last byte. A repeat, after a lost answer or a crash, ends in the same
 * state.
 */
export async function finishResumable(ctx: UploadContext, session: UploadSession, known: KnownOfUpload = {}): Promise<void> {
  if (session.state !== 'open' || session.declared_bytes === null || session.received_bytes < session.declared_bytes) return;
  if (session.declared_bytes === 0 && session.concat !== 'partial') return await refuseEmpty(ctx, session);
  const object = known.object ?? (session.object_id === null ? undefined : await readSessionObject(ctx.site.db, session.object_id));
  try {
    if (session.declared_bytes > 0 && session.concat !== 'final' && known.stored === undefined) await joinRecorded(ctx, session, object);
    if (session.concat !== 'partial') await completeOnArrival(ctx, session, { ...known, ...(object === undefined ? {} : { object }) });
  } catch (error) {
    // Another request or upkeep has finished it meanwhile, and its bytes have moved on.
    const state = (await readSession(ctx.site.db, session.id))?.state;
    if (state !== 'finalizing' && state !== 'complete') throw error;
  }
}

async function joinRecorded(ctx: UploadContext, session: UploadSession, object: SessionObject | undefined): Promise<void> {
  if (object === undefined || session.provider_upload_id === null) throw new SafelightError('gone', 'This upload has been given up. Open a new one.');
  const store = ctx.site.stores.of(locatorOf(object));
  if (isAppended(store, session)) return void (await store.append.finish(object.key, session.provider_upload_id, session.received_bytes));
  const parts = await ctx.site.db
    .selectFrom('upload_part')
    .select(['part_number as partNumber', 'etag', 'bytes'])
    .where('upload_id', '=', session.id)
    .orderBy('part_number')
    .execute();
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total !== session.declared_bytes) throw new SafelightError('upload_incomplete', `${total} of ${session.declared_bytes} bytes are there.`);
  // Joined before; only the answer was lost.
  if ((await store.head(object.key, { signal: ctx.signal }))?.bytes === total) return;
  try {
    await store.multipart?.complete(object.key, session.provider_upload_id, parts, { signal: ctx.signal });
  } catch (error) {
    await endWhenAborted(ctx, session, error);
    throw error;
  }
}

/** A complete upload of no bytes is ended and refused, as any empty file is. */
const refuseEmpty = async (ctx: UploadContext, session: UploadSession): Promise<void> =>
  await endSession(ctx, session, new SafelightError('empty_file', 'The file that was uploaded has no bytes.'));

/** Joins partial uploads into a final one, in the given order; the same one may occur twice. The partial ones stay until they expire. */
export async function concatenate(ctx: UploadContext, final: UploadSession, partialIds: readonly string[]): Promise<UploadSession> {
  const partials = await requireWhole(ctx, partialIds);
  const object = final.object_id === null ? undefined : await readSessionObject(ctx.site.db, final.object_id);
  if (object === undefined) throw new SafelightError('gone', 'This upload has been given up. Open a new one.');
  const bytes = partials.reduce((sum, partial) => sum + partial.received_bytes, 0);
  // Joins the parts of partial uploads whose last request died before it could.
  for (const partial of partials) await finishResumable(ctx, partial);
  async function* all(): AsyncGenerator<Buffer> {
    for (const partial of partials) {
      if (partial.received_bytes === 0 || partial.object_id === null) continue;
      const part = await readSessionObject(ctx.site.db, partial.object_id);
      const stored = part === undefined ? null : await ctx.site.stores.of(locatorOf(part)).get(part.key, { signal: ctx.signal });
      if (stored === null) throw new SafelightError('storage_unavailable', 'A part of this upload cannot be read right now.');
      yield* stored.body;
    }
  }
  const { maxBytes } = await readPolicy(ctx.site.db, final.collection);
  if (bytes > maxBytes) throw new SafelightError('file_too_large', `Together the parts have ${bytes} bytes; at most ${maxBytes} are allowed.`);
  // A partial upload may occur many times, so the total size is reserved before anything is written.
  await transact(ctx.site.db, async (tx) => {
    await reserveQuota(tx, ctx.actor, ctx.site.ceilings, { bytes, uploadId: final.id, isJoined: true });
    await tx.updateTable('upload_session').set({ declared_bytes: bytes }).where('id', '=', final.id).execute();
  });
  if (bytes > 0)
    await ctx.site.stores.of(locatorOf(object)).put(object.key, owned(Readable.from(all(), { objectMode: false })), {
      contentType: final.content_type ?? 'application/octet-stream',
      bytes,
      signal: ctx.signal,
    });
  await ctx.site.db.updateTable('upload_session').set({ declared_bytes: bytes, received_bytes: bytes }).where('id', '=', final.id).execute();
  const whole = { ...final, declared_bytes: bytes, received_bytes: bytes };
  await finishResumable(ctx, whole);
  return whole;
}

/** The caller's complete partial uploads; those of others are treated as if they did not exist. */
export async function requireWhole(ctx: UploadContext, partialIds: readonly string[]): Promise<UploadSession[]> {
  return await Promise.all(
    partialIds.map(async (id) => {
      const partial = await readSession(ctx.site.db, id);
      if (partial === undefined || partial.concat !== 'partial' || partial.owner_id !== ctx.actor.id || !isWithinReach(ctx.actor, null)) {
        throw new SafelightError('invalid_request', 'Upload-Concat names something that is not a partial upload of yours.');
      }
      if (partial.state !== 'open' || partial.expires_at <= ctx.site.clock.now())
        throw new SafelightError('upload_expired', `The partial upload ${id} is ${partial.state === 'open' ? 'expired' : partial.state}. Send it again.`);
      if (partial.received_bytes !== partial.declared_bytes) {
        throw new SafelightError(
          'invalid_request',
          `The partial upload ${id} is not complete: ${partial.received_bytes} of ${partial.declared_bytes ?? 'unknown'} bytes are there.`,
        );
      }
      return partial;
    }),
  );
}
