import type { Readable } from 'node:stream';
import { MIMEType } from 'node:util';

import { sql } from '#kysely';

import { notFound, SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { StoredObject } from '../storage/store.ts';
import { measureBody, measuredChunks, type BodyLimits } from '../storage/measure-body.ts';
import { withDeadline } from '../storage/with-deadline.ts';
import type { ClaimedDigest } from './claimed-digests.ts';
import { endSession } from './end-session.ts';
import { putGraceSeconds } from './open-upload.ts';
import { signedType, storagePut } from './presign.ts';
import { readDigest } from './read-digest.ts';
import { releaseArriving, reserveArriving, reservePart } from './reserve-arriving.ts';
import { findSessions, readSessionObject, type FoundSession, type SessionObject, type UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';
import { verifiedBody, type VerifiedBody } from './verified-body.ts';

export type AcceptBytes = {
  uploadId: string;
  key: string;
  signature: string;
  partNumber: number | null;
  contentLength: number | null;
  /** From the request; null for a form, because the type of its file was not signed. */
  contentType: string | null;
  /** The digests that the sender declares for its bytes. */
  claims: readonly ClaimedDigest[];
  body: Readable;
};
type Accepted = { etag: string; ownerId: string };

/**
 * Takes the signed PUT for providers whose PUT Safelight itself serves. The signature is checked before anything is looked up. The object can be
 * created once and never changed, so the finalized bytes are the bytes that were put, however often the PUT is replayed. Putting the same bytes again
 * gets the first answer; other bytes are refused with `conflict`.
 */
export async function acceptBytes(ctx: UploadContext, input: AcceptBytes): Promise<Accepted> {
  const bindings = [input.uploadId, input.key, ...(input.partNumber === null ? [] : [String(input.partNumber)])];
  if (ctx.site.signing.verify(storagePut, bindings, input.signature, ctx.site.clock.now()) === null) {
    throw new SafelightError('forbidden', 'This upload URL is not valid, or is no longer valid. Open a new upload.');
  }
  const [session] = await findSessions(ctx.site.db, sql`upload_session.id = ${input.uploadId}`);
  if (session === undefined || session.object_id === null) throw notFound('upload');
  if (session.state !== 'open') throw new SafelightError('conflict', `This upload is ${session.state}; its bytes can no longer be changed. Open a new one.`);
  if (session.expires_at <= ctx.site.clock.now()) throw expired();
  const { object } = session;
  if (object === null || object.key !== input.key) throw notFound('upload');
  const body = verifiedBody(input.body, input.claims);
  try {
    if (input.partNumber !== null) return await acceptPart(ctx, session, object, { ...input, body: body.stream, partNumber: input.partNumber });
    return await withinLease(ctx, session, async (signal) => await acceptWhole({ ...ctx, signal }, session, object, input, body));
  } finally {
    body.stream.destroy();
  }
}

/** After this lease nobody waits for the bytes any more, and the sweeper removes them. */
async function withinLease<T>(ctx: UploadContext, session: UploadSession, accept: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const left = session.expires_at.getTime() + putGraceSeconds * 1000 - ctx.site.clock.now().getTime();
  return await withDeadline(left, ctx.signal, accept, expired);
}

const expired = (): SafelightError => new SafelightError('upload_expired', 'This upload has expired, and nothing of it was kept. Open a new one.');
const givenUp = (): SafelightError =>
  new SafelightError('gone', 'This upload was ended while its bytes were on their way, and nothing of it was kept. Open a new one.');

async function acceptWhole(
  ctx: UploadContext,
  session: FoundSession,
  object: SessionObject,
  { contentType, contentLength }: AcceptBytes,
  body: VerifiedBody,
): Promise<Accepted> {
  requireSignedType(session, contentType);
  const limit = session.declared_bytes ?? Math.min(session.most_bytes ?? 0, ctx.site.ceilings.requestBytes);
  if (contentLength !== null && contentLength > limit) {
    throw new SafelightError(
      'file_too_large',
      `The body announces ${contentLength} bytes; ${limit} were declared when the upload was opened. Send that file, or open a new upload.`,
    );
  }
  const locator = locatorOf(object);
  const store = ctx.site.stores.of(locator);
  const limits = {
    maxBytes: limit,
    ...(session.declared_bytes === null ? {} : { bytes: session.declared_bytes }),
    ...(session.declared_sha256 === null ? {} : { sha256: session.declared_sha256 }),
  };
  const { signal } = ctx;
  const there = await store.head(locator.key, { signal });
  // Either the answer to an earlier PUT was lost, or this is another file. An object that exists is whole, so comparing the bytes tells which.
  if (there !== null) return await answerSame(ctx, session, object, await passedBytes(body, limits, signal));
  if (contentLength !== null) await keepWithinQuota(ctx, session, contentLength);
  try {
    const stored = await store.put(locator.key, body.stream, { ...limits, contentType: signedType(session.content_type), ifAbsent: true, signal });
    if (!(await recordBytes(ctx, session, object, stored))) {
      await store.delete([locator.key], { signal });
      throw session.expires_at <= ctx.site.clock.now() ? expired() : givenUp();
    }
    await keepWithinQuota(ctx, session, stored.bytes);
    return { etag: quoted(stored.sha256 ?? stored.etag ?? object.id), ownerId: session.owner_id };
  } catch (error) {
    if (!(error instanceof SafelightError) || error.code !== 'conflict') {
      await releaseArriving(ctx, session);
      throw error;
    }
    // Another PUT won the race.
    return await answerSame(ctx, session, object, body.sha256());
  }
}

/** False when the upload was ended while its bytes were on their way: nobody will ever ask for them, so they must not count as accepted. */
async function recordBytes(ctx: UploadContext, session: UploadSession, object: SessionObject, { bytes, sha256, crc32 }: StoredObject): Promise<boolean> {
  const { rows } = await sql`
    update object set bytes = ${bytes}, sha256 = ${sha256}, crc32 = ${crc32 ?? null}
    from upload_session
    where object.id = ${object.id} and upload_session.id = ${session.id}
      and upload_session.state not in ('aborted', 'expired', 'failed')
    returning object.id`.execute(ctx.site.db);
  return rows.length > 0;
}

/** Counts bytes whose size was not declared. More than the owner's quota ends the upload and removes the bytes. */
async function keepWithinQuota(ctx: UploadContext, session: UploadSession, bytes: number): Promise<void> {
  try {
    await reserveArriving(ctx, session, bytes);
  } catch (error) {
    if (error instanceof SafelightError && error.code === 'quota_exceeded') await endSession(ctx, session, error);
    throw error;
  }
}

/** Reads a body to its end under the same limits as storing it, and returns its digest. */
async function passedBytes(body: VerifiedBody, limits: BodyLimits, signal: AbortSignal): Promise<string> {
  const measure = measureBody(limits);
  const chunks = measuredChunks(body.stream, measure, signal);
  while ((await chunks.next()).done !== true);
  return measure.finish().sha256;
}

async function answerSame(ctx: UploadContext, session: UploadSession, object: SessionObject, sha256: string): Promise<Accepted> {
  // The digest has been recorded if another PUT won the race, but not if its process died before it could.
  const known = (await readSessionObject(ctx.site.db, object.id))?.sha256 ?? (await readDigest(ctx, object)).sha256;
  if (known !== sha256)
    throw new SafelightError('conflict', 'This upload has its bytes already, and these are others. Complete it, or open a new upload for the other file.');
  return { etag: quoted(known), ownerId: session.owner_id };
}

/** The type is part of the signature. A request that sends no type does not contradict it. */
function requireSignedType(session: UploadSession, contentType: string | null): void {
  const signed = signedType(session.content_type);
  if (contentType === null || contentType === '' || normalType(contentType) === normalType(signed)) return;
  throw new SafelightError(
    'forbidden',
    `This URL was signed for the type "${signed}"; the request says "${contentType.slice(0, 255)}". Send the headers that init answered.`,
  );
}

/** Removes what browsers and libraries write differently: spaces, quotes, upper case. */
function normalType(contentType: string): string {
  try {
    return new MIMEType(contentType).toString();
  } catch {
    return contentType.trim().toLowerCase();
  }
}

const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);

/** The part limit of the largest providers. */
const mostPartBytes = 5 * 2 ** 30;

/** A part may be sent again until the upload is completed; the last version counts. */
async function acceptPart(ctx: UploadContext, session: UploadSession, object: SessionObject, input: AcceptBytes & { partNumber: number }): Promise<Accepted> {
  const locator = locatorOf(object);
  const { multipart } = ctx.site.stores.of(locator);
  if (multipart === undefined || session.provider_upload_id === null) throw notFound('upload');
  const { provider_upload_id: providerUploadId } = session;
  const { partNumber, contentLength } = input;
  if (contentLength === null) throw new SafelightError('invalid_request', 'A part needs the header Content-Length, with its size in bytes.');
  const most = session.part_bytes ?? mostPartBytes;
  if (contentLength > most) throw new SafelightError('file_too_large', `The part has ${contentLength} bytes; ${most} are allowed for each part.`);
  await reservePart(ctx, session, contentLength, async () => {
    const others = ((await multipart.listParts(locator.key, providerUploadId, { signal: ctx.signal })) ?? []).filter((part) => part.partNumber !== partNumber);
    return others.reduce((sum, part) => sum + part.bytes, 0);
  });
  const { etag } = await multipart.putPart(locator.key, providerUploadId, partNumber, input.body, {
    bytes: contentLength,
    signal: ctx.signal,
  });
  return { etag: quoted(etag), ownerId: session.owner_id };
}
