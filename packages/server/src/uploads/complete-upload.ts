import type { Media } from '@safelight/contract/media';

import { renderMedia } from '../assets/render-media.ts';
import { selectMedia, type MediaRow } from '../assets/media-row.ts';
import { emit } from '../events/emit.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import type { Kind } from '../lib/schema.ts';
import { transact } from '../lib/transact.ts';
import { collectionNamed } from '../policy/collection.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { StoredObject } from '../storage/store.ts';
import { arrive, type Arrived, type Arriving } from './arrive.ts';
import { arriveWithOthers, mayArriveWithOthers } from './arrive-with-others.ts';
import { claimPlaceOf } from './claim-place-of.ts';
import { endSession } from './end-session.ts';
import { findOwnSession, objectPathOf, type SessionName } from './find-session.ts';
import { refusalOf } from './refusal-of.ts';
import { readSession, readSessionObject, type FoundSession, type SessionObject, type UploadSession } from './session-rows.ts';
import { joinParts } from './upload-parts.ts';
import type { UploadContext } from './upload-context.ts';

export type CompleteUpload = SessionName & { parts?: { partNumber: number; etag: string }[] | undefined };
export type CompletedUpload = { jobId: string; media: Media; path: string; url: string | null };

/**
 * Completes an upload when the client says that its bytes are there. The object is looked up and its size compared; then one transaction advances the
 * session, creates the asset and queues its job. Completing again, even concurrently, returns the same asset and job.
 */
export async function completeUpload(ctx: UploadContext, input: CompleteUpload): Promise<CompletedUpload> {
  const session = await findOwnSession(ctx, input);
  return session.state === 'open' ? await completeOpen(ctx, session, { parts: input.parts, ...foundWith(session) }) : await answerAgain(ctx, session);
}

/** What the caller already knows about an upload, so that it need not be read again. */
export type KnownOfUpload = {
  object?: SessionObject;
  mostBytes?: number;
  /** The state of the rules that `mostBytes` is from, where it was not read just now. */
  ruled?: string;
  /** Set by the request that has stored the whole object itself. */
  stored?: StoredObject;
};

export const foundWith = ({ object, most_bytes: mostBytes }: FoundSession): KnownOfUpload => ({
  ...(object === null ? {} : { object }),
  ...(mostBytes === null ? {} : { mostBytes }),
});

/** The same for an upload that was already found to be open. */
export async function completeOpen(ctx: UploadContext, session: UploadSession, known: Pick<CompleteUpload, 'parts'> & KnownOfUpload): Promise<CompletedUpload> {
  const arrived = await verifyArrival(ctx, session, known);
  const registered = await registerArriving(ctx, session, arrivingOf(ctx, arrived));
  if (registered !== null) return answerOf(ctx, session, registered);
  const after = await readSession(ctx.site.db, session.id);
  if (after === undefined) throw notFound('upload');
  if (after.job_id === null) throw new SafelightError('conflict', `This upload is ${after.state}.`);
  return await answerAgain(ctx, after);
}

/** One transaction: the asset and its job. Null, with nothing changed, when the session had already moved on. */
export async function registerArriving(ctx: UploadContext, session: UploadSession, arriving: Arriving): Promise<Arrived | null> {
  if (mayArriveWithOthers(ctx, session)) return await arriveWithOthers(ctx, arriving);
  return await transact(ctx.site.db, async (tx) => {
    const claimed = await claimPlaceOf(ctx, tx, session);
    const made = await arrive(ctx, tx, arriving, claimed);
    await emit(tx, claimed?.events ?? []);
    return made;
  });
}

/** Bytes that are in storage and have the agreed size; not yet an asset. */
export type Arrival = { session: UploadSession; object: SessionObject; bytes: number; sha256: string | null; crc32?: number | null | undefined };

/** Looks for the bytes of an open session, outside any transaction; throws when they are missing, too many, or not as declared. */
export async function verifyArrival(ctx: UploadContext, session: UploadSession, known: Pick<CompleteUpload, 'parts'> & KnownOfUpload = {}): Promise<Arrival> {
  if (session.expires_at <= ctx.site.clock.now())
    throw new SafelightError('upload_expired', `This upload expired at ${session.expires_at.toISOString()}. Open a new one.`);
  const object = known.object ?? (session.object_id === null ? undefined : await readSessionObject(ctx.site.db, session.object_id));
  if (object === undefined) throw new SafelightError('upload_expired', 'This upload has been given up. Open a new one.');
  if (session.protocol === 'multipart') await joinParts(ctx, session, known.parts);
  const stored = known.stored ?? (await ctx.site.stores.of(locatorOf(object)).head(object.key, { signal: ctx.signal }));
  if (stored === null) throw new SafelightError('upload_incomplete', 'Nothing has been uploaded yet. PUT the file to uploadURL, then complete.');
  await refuseOnSize(ctx, session, stored.bytes, known.mostBytes);
  return { session, object, bytes: stored.bytes, sha256: object.sha256 ?? stored.sha256, crc32: object.crc32 ?? stored.crc32 };
}

/**
 * Describes the bytes of an upload: they were counted, and finalization inspects them. Values that a caller gives now override those from the
 * opening.
 */
export function arrivingOf(
  ctx: UploadContext,
  { session, object, bytes, sha256, crc32 }: Arrival,
  said: { purpose?: string; altText?: string | null } = {},
): Arriving {
  return {
    session: { ...session, purpose: said.purpose ?? session.purpose, alt_text: said.altText === undefined ? session.alt_text : said.altText },
    sessionState: 'finalizing',
    kind: presumedKind(session, collectionNamed(ctx.site.collections, session.collection).kinds),
    mimeType: session.content_type ?? 'application/octet-stream',
    source: { objectId: object.id, key: object.key, bytes, sha256, crc32 },
    next: 'finalize',
    charged: { by: ctx.actor, isJoined: session.concat === 'final' },
  };
}

/** The answer of the first call; a failed or ended session is refused with its own code. */
async function answerAgain(ctx: UploadContext, session: UploadSession): Promise<CompletedUpload> {
  const row = await selectMedia(ctx.site.db).where('asset.id', '=', session.asset_id).executeTakeFirst();
  if (session.state === 'expired') throw new SafelightError('upload_expired', 'This upload has expired. Open a new one.');
  const refusal = refusalOf(session);
  if (refusal !== null) throw refusal;
  if (row === undefined || session.job_id === null) {
    throw new SafelightError(
      session.state === 'failed' ? 'upload_incomplete' : 'gone',
      session.failure?.message ?? `This upload is ${session.state}, and what it made is gone.`,
    );
  }
  return answerOf(ctx, session, { row, jobId: session.job_id });
}

function answerOf(ctx: UploadContext, session: UploadSession, { row, jobId }: { row: MediaRow; jobId: string }): CompletedUpload {
  const media = renderMedia(row, ctx.site.urls, 'own');
  return { jobId, media, path: objectPathOf(ctx, session), url: media.src };
}

/** A size that differs from the agreed one ends the upload, and no object stays behind. */
async function refuseOnSize(ctx: UploadContext, session: UploadSession, bytes: number, mostBytes?: number): Promise<void> {
  const maxBytes = mostBytes ?? (await readPolicy(ctx.site.db, session.collection)).maxBytes;
  const refusal =
    bytes === 0
      ? new SafelightError('empty_file', 'The file that was uploaded has no bytes.')
      : bytes > Math.min(maxBytes, ctx.site.ceilings.requestBytes)
        ? new SafelightError(
            'file_too_large',
            `The file that was uploaded has ${bytes} bytes; at most ${Math.min(maxBytes, ctx.site.ceilings.requestBytes)} are allowed.`,
          )
        : session.declared_bytes !== null && bytes !== session.declared_bytes
          ? new SafelightError(
              'upload_incomplete',
              `${bytes} bytes have arrived; ${session.declared_bytes} were declared. Open a new upload with the size that the file has.`,
              { retryable: false },
            )
          : null;
  if (refusal === null) return;
  await endSession(ctx, session, refusal);
  throw refusal;
}

/** Guesses the kind from the declared type, until finalization has read the bytes. */
export function presumedKind(session: Pick<UploadSession, 'content_type'>, kinds: readonly Kind[]): Kind {
  const declared = session.content_type?.split('/')[0];
  return kinds.find((kind) => kind === declared) ?? kinds[0] ?? 'file';
}
