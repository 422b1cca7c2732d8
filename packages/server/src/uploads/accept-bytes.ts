import type { Readable } from 'node:stream';

import { notFound, SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';
import { putGraceSeconds } from './open-upload.ts';
import { storagePut } from './presign.ts';
import { readSession, readSessionObject, type SessionObject, type UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

export type AcceptBytes = { uploadId: string; key: string; signature: string; partNumber: number | null; contentLength: number | null; body: Readable };

/**
 * Takes the signed PUT on providers where Safelight itself serves it. The signature is checked before anything is looked up; the
 * object can be created once and never changed, so what is finalized is what was put, however often the PUT is replayed.
 */
export async function acceptBytes(ctx: UploadContext, input: AcceptBytes): Promise<{ etag: string; ownerId: string }> {
  const bindings = [input.uploadId, input.key, ...(input.partNumber === null ? [] : [String(input.partNumber)])];
  if (ctx.signing.verify(storagePut, bindings, input.signature, ctx.clock.now()) === null) {
    throw new SafelightError('forbidden', 'This upload URL is not valid, or not any more. Open a new upload.');
  }
  const session = await readSession(ctx.db, input.uploadId);
  if (session === undefined || session.object_id === null) throw notFound('upload');
  if (session.state !== 'open') throw new SafelightError('conflict', `This upload is ${session.state}; its bytes can no longer be changed.`);
  if (session.expires_at <= ctx.clock.now()) throw new SafelightError('upload_expired', 'This upload has expired. Open a new one.');
  const object = await readSessionObject(ctx.db, session.object_id);
  if (object === undefined || object.key !== input.key) throw notFound('upload');
  if (input.partNumber !== null) return await acceptPart(ctx, session, object, { ...input, partNumber: input.partNumber });
  const limit = session.declared_bytes ?? (await maxBytes(ctx, session.collection));
  if (input.contentLength !== null && input.contentLength > limit) {
    throw new SafelightError('file_too_large', `The body announces ${input.contentLength} bytes; ${limit} were agreed when the upload was opened.`);
  }
  const locator = locatorOf(object);
  const store = ctx.stores.of(locator);
  try {
    const stored = await store.put(locator.key, input.body, {
      contentType: session.content_type ?? 'application/octet-stream',
      maxBytes: limit,
      ifAbsent: true,
      // After its lease nobody waits for the bytes any more, and the sweeper takes what is there.
      signal: AbortSignal.any([ctx.signal, AbortSignal.timeout(session.expires_at.getTime() + putGraceSeconds * 1000 - ctx.clock.now().getTime())]),
      ...(session.declared_bytes === null ? {} : { bytes: session.declared_bytes }),
      ...(session.declared_sha256 === null ? {} : { sha256: session.declared_sha256 }),
    });
    await ctx.db.updateTable('object').set({ bytes: stored.bytes, sha256: stored.sha256 }).where('id', '=', object.id).execute();
    return { etag: quoted(stored.sha256 ?? stored.etag ?? object.id), ownerId: session.owner_id };
  } catch (error) {
    if (!(error instanceof SafelightError) || error.code !== 'conflict') throw error;
    // The answer to an earlier PUT was lost, also with the process that was to give it: an object that is there is whole.
    const stored = await store.head(locator.key, { signal: ctx.signal });
    if (stored === null) throw error;
    return { etag: quoted(stored.sha256 ?? object.sha256 ?? stored.etag ?? object.id), ownerId: session.owner_id };
  }
}

const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);

async function maxBytes(ctx: UploadContext, collection: string): Promise<number> {
  const { rules } = await ctx.db.selectFrom('policy').select('rules').where('collection', '=', collection).executeTakeFirstOrThrow();
  return Math.min(Number(rules['maxBytes']), ctx.ceilings.requestBytes);
}

/** What the largest providers take. */
const mostPartBytes = 5 * 2 ** 30;

/** A part may be sent again until the upload is completed; the last one that arrived counts. */
async function acceptPart(
  ctx: UploadContext,
  session: UploadSession,
  object: SessionObject,
  input: AcceptBytes & { partNumber: number },
): Promise<{ etag: string; ownerId: string }> {
  const locator = locatorOf(object);
  const { multipart } = ctx.stores.of(locator);
  if (multipart === undefined || session.provider_upload_id === null) throw notFound('upload');
  if (input.contentLength === null) throw new SafelightError('invalid_request', 'A part is sent with its Content-Length.');
  const most = session.part_bytes ?? mostPartBytes;
  if (input.contentLength > most) throw new SafelightError('file_too_large', `The part has ${input.contentLength} bytes; ${most} are allowed for each part.`);
  const { etag } = await multipart.putPart(locator.key, session.provider_upload_id, input.partNumber, input.body, {
    bytes: input.contentLength,
    signal: ctx.signal,
  });
  return { etag: quoted(etag), ownerId: session.owner_id };
}
