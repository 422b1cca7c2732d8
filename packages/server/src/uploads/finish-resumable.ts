import { Readable } from 'node:stream';

import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { abandonObjects, locatorOf } from '../storage/ledger.ts';
import { removeObjects } from '../storage/remove-objects.ts';
import { completeUpload } from './complete-upload.ts';
import type { ResumableContext } from './hold-upload.ts';
import { readSession, readSessionObject, type UploadSession } from './session-rows.ts';

/**
 * All bytes are there: the parts become one object, and unless it is itself a part of a concatenation the upload is completed like
 * every other. Doing it again, after a lost answer or a crash in between, ends in the same.
 */
export async function finishResumable(ctx: ResumableContext, session: UploadSession): Promise<void> {
  if (session.state !== 'open' || session.declared_bytes === null || session.received_bytes < session.declared_bytes) return;
  if (session.declared_bytes === 0 && session.concat !== 'partial') return await refuseEmpty(ctx, session);
  if (session.declared_bytes > 0 && session.concat !== 'final') await joinRecorded(ctx, session);
  if (session.concat === 'partial') return;
  try {
    await completeUpload(ctx, { uploadId: session.id });
  } catch (error) {
    // The bytes are here; that they are refused is what the session says from now on.
    if (!(error instanceof SafelightError) || error.status >= 500) throw error;
    ctx.log.info({ uploadId: session.id, code: error.code }, 'a resumable upload was refused at its end');
  }
}

async function joinRecorded(ctx: ResumableContext, session: UploadSession): Promise<void> {
  const object = session.object_id === null ? undefined : await readSessionObject(ctx.db, session.object_id);
  if (object === undefined || session.provider_upload_id === null) throw new SafelightError('gone', 'This upload has been given up. Open a new one.');
  const parts = await ctx.db.selectFrom('upload_part').select(['part_number as partNumber', 'etag', 'bytes']).where('upload_id', '=', session.id).orderBy('part_number').execute();
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total !== session.declared_bytes) throw new SafelightError('upload_incomplete', `${total} of ${session.declared_bytes} bytes are there.`);
  const store = ctx.stores.of(locatorOf(object));
  // Joined before, and only the answer was lost.
  if ((await store.head(object.key, { signal: ctx.signal }))?.bytes === total) return;
  await store.multipart?.complete(object.key, session.provider_upload_id, parts, { signal: ctx.signal });
}

/** Nothing was uploaded, completely: it is over, and refused as any empty file is. */
async function refuseEmpty(ctx: ResumableContext, session: UploadSession): Promise<void> {
  const failure = JSON.stringify({ stage: 'complete', code: 'empty_file', message: 'The file that was uploaded has no bytes.', retryable: false, attempts: 1 });
  const { object_id: objectId } = session;
  await transact(ctx.db, async (tx) => {
    await tx.updateTable('upload_session').set({ state: 'failed', failure, updated_at: ctx.clock.now() }).where('id', '=', session.id).where('state', '=', 'open').execute();
    if (objectId !== null) await abandonObjects(tx, [objectId]);
  });
  if (objectId !== null) await removeObjects(ctx, [objectId]);
}

/** Makes a final upload of its partial ones, in the order given; the same one may stand in it twice. The partial ones stay until they expire. */
export async function concatenate(ctx: ResumableContext, final: UploadSession, partialIds: readonly string[]): Promise<UploadSession> {
  const partials = await Promise.all(partialIds.map((id) => readSession(ctx.db, id)));
  const objects = await Promise.all(partials.map(async (partial) => await requireWhole(ctx, partial)));
  const object = final.object_id === null ? undefined : await readSessionObject(ctx.db, final.object_id);
  if (object === undefined) throw new SafelightError('gone', 'This upload has been given up. Open a new one.');
  const bytes = partials.reduce((sum, partial) => sum + (partial?.declared_bytes ?? 0), 0);
  async function* all(): AsyncGenerator<Buffer> {
    for (const part of objects) {
      const stored = await ctx.stores.of(locatorOf(part)).get(part.key, { signal: ctx.signal });
      if (stored === null) throw new SafelightError('storage_unavailable', 'A part of this upload cannot be read right now.');
      yield* stored.body;
    }
  }
  if (bytes > 0) await ctx.stores.of(locatorOf(object)).put(object.key, Readable.from(all(), { objectMode: false }), { contentType: final.content_type ?? 'application/octet-stream', bytes, signal: ctx.signal });
  await ctx.db.updateTable('upload_session').set({ declared_bytes: bytes, received_bytes: bytes }).where('id', '=', final.id).execute();
  const whole = { ...final, declared_bytes: bytes, received_bytes: bytes };
  await finishResumable(ctx, whole);
  return whole;
}

/** A partial upload of the caller that is complete; of anybody else's it is not said that it exists. */
export async function requireWhole(ctx: ResumableContext, partial: UploadSession | undefined) {
  if (partial === undefined || partial.concat !== 'partial' || partial.owner_id !== ctx.actor.id || partial.state !== 'open' || partial.object_id === null) {
    throw new SafelightError('invalid_request', 'Upload-Concat names something that is not a partial upload of yours.');
  }
  if (partial.declared_bytes === null || partial.received_bytes !== partial.declared_bytes) throw new SafelightError('invalid_request', `The partial upload ${partial.id} is not complete: ${partial.received_bytes} of ${partial.declared_bytes ?? 'unknown'} bytes are there.`);
  const object = await readSessionObject(ctx.db, partial.object_id);
  if (object === undefined) throw new SafelightError('gone', 'A partial upload has been given up. Send it again.');
  return object;
}
