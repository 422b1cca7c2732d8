import { buffer } from 'node:stream/consumers';

import { kindRules } from '../assets/kind-rules.ts';
import { lockMedia } from '../places/lock-media.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { keyOf, readRow, type MediaRow } from '../assets/media-row.ts';
import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { JobContext } from '../jobs/running-job.ts';
import { identifyFile } from '../filetypes/identify-file.ts';
import { nameAfterBytes } from '../filetypes/name-after-bytes.ts';
import { sniffBytes } from '../filetypes/sniff.ts';
import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { newObjectId } from '../lib/ids.ts';
import { transact } from '../lib/transact.ts';
import { collectionNamed } from '../policy/collection.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { keepLease } from '../storage/keep-lease.ts';
import { releaseUnbound, locatorOf, releaseObjects, reserveObjects, type Written } from '../storage/ledger.ts';
import { artifactKey } from '../storage/object-key.ts';
import type { Store } from '../storage/store.ts';
import { refuseUndecodable, typesUnavailable } from './plan-upload.ts';
import { readDigest, type Digest } from './read-digest.ts';
import { scanObject } from './scan-object.ts';
import { readSession, readSessionObject, type SessionObject, type UploadSession } from './session-rows.ts';
import { discardWritten } from '../storage/discard-written.ts';
import type { UploadContext, UploadSite } from './upload-context.ts';

/** `copy`: the object is a new one, which waits to be bound. */
type Finalized = Digest & { objectId: string; copy: Written | null };
/** How long a copy stays whose worker died; extended while it is made. */
const moveLeaseSeconds = 3600;

/**
 * Checks that the uploaded bytes are as declared and that the collection accepts them, and moves them to the final store. Until it has passed,
 * nothing else reads the file. A repeat after a crash continues where it stopped. `isNamed`: the sender chose the name of an imported file; otherwise
 * it comes from the address or the server, and may be wrong.
 */
export async function finalizeUpload(ctx: UploadContext & JobContext, { uploadId, isNamed = false }: { uploadId: string; isNamed?: boolean }): Promise<void> {
  const session = await readSession(ctx.site.db, uploadId);
  if (session === undefined || session.state === 'complete' || session.object_id === null) return;
  if (session.state !== 'finalizing') throw new SafelightError('conflict', `The upload is ${session.state}.`);
  const object = await readSessionObject(ctx.site.db, session.object_id);
  if (object === undefined || object.state !== 'stored') throw new SafelightError('gone', 'The uploaded object was deleted meanwhile.');

  const identity = await identifyObject(ctx, session, object, isNamed);
  const final = await toFinalStore(ctx, session, object, identity.mimeType);
  const superseded = await bindFinal(ctx, session, object, final, identity).catch(async (error: unknown) => {
    if (final.copy !== null) await discardWritten(ctx, [final.copy]);
    throw error;
  });
  await discardWritten(ctx, superseded);
}

type Identity = Awaited<ReturnType<typeof identifyObject>>;

/** One transaction makes the final object the source of the asset. Returns what nothing refers to any more. */
async function bindFinal(
  ctx: UploadContext & JobContext,
  session: UploadSession,
  object: SessionObject,
  final: Finalized,
  { kind, mimeType, fileName }: Identity,
): Promise<Written[]> {
  return await transact(ctx.site.db, async (tx) => {
    const row = await lockMedia(tx, session.asset_id);
    if (row === undefined) throw new SafelightError('gone', 'The media was deleted meanwhile.');
    const { numUpdatedRows } = await tx
      .updateTable('upload_session')
      .set({ state: 'complete', updated_at: ctx.site.clock.now() })
      .where('id', '=', session.id)
      .where('state', '=', 'finalizing')
      .executeTakeFirst();
    if (numUpdatedRows === 0n) {
      // Another worker believed us dead and was faster, or the upload has failed meanwhile: our copy belongs to nobody.
      if (final.copy === null) return [];
      await releaseUnbound(tx, [final.objectId]);
      return [final.copy];
    }
    if (final.copy !== null) await releaseObjects(tx, [object.id]);
    const { numUpdatedRows: bound } = await tx
      .updateTable('object')
      .set({ state: 'stored', lease_until: null, asset_id: row.id, sha256: final.sha256, crc32: final.crc32, bytes: final.bytes, mime_type: mimeType })
      .where('id', '=', final.objectId)
      .where('state', 'in', ['writing', 'stored'])
      .executeTakeFirst();
    if (bound === 0n) throw new Error(`a lease had passed: the source of asset ${row.id} is not in the ledger any more`);
    await tx
      .updateTable('asset')
      .set((eb) => ({
        kind,
        mime_type: mimeType,
        original_file_name: fileName,
        byte_size: final.bytes,
        source_object_id: final.objectId,
        version: eb('version', '+', 1),
      }))
      .where('id', '=', row.id)
      .execute();
    const after = await readRow(tx, row.id);
    if (after !== undefined) await emit(tx, [uploadComplete(ctx, after, ctx.job.id)]);
    return final.copy === null ? [] : [{ ...locatorOf(object), id: object.id, role: 'source' }];
  });
}

export function uploadComplete(ctx: { site: Pick<UploadSite, 'urls'> }, row: MediaRow, jobId: string | null) {
  const media = renderMedia(row, ctx.site.urls, 'own');
  const path = keyOf(row.artifacts, 'source') ?? '';
  return mediaEvent(row, 'upload_complete', { result: { url: media.src, path, media } }, jobId);
}

async function identifyObject(ctx: UploadContext, session: UploadSession, object: SessionObject, isNamed: boolean) {
  const head = await ctx.site.stores.of(locatorOf(object)).get(object.key, { range: { start: 0, end: sniffBytes - 1 }, signal: ctx.signal });
  if (head === null) throw new SafelightError('upload_incomplete', 'The uploaded object is not in storage any more.', { retryable: false });
  const bytes = await buffer(head.body);
  const rules = await readPolicy(ctx.site.db, session.collection);
  const isImport = session.protocol === 'import';
  const fileName = isImport && !isNamed ? nameAfterBytes(session.file_name, bytes) : session.file_name;
  const claimed = isImport ? { contentType: null, fileName: isNamed ? fileName : '' } : { contentType: session.content_type, fileName };
  const collection = collectionNamed(ctx.site.collections, session.collection);
  const identity = identifyFile(bytes, claimed, rules.acceptedTypes, typesUnavailable(ctx, collection));
  const { kinds, name } = collection;
  refuseUndecodable(ctx, collection, identity.mimeType);
  if (!kinds.includes(identity.kind))
    throw new SafelightError('unsupported_type', `${name} takes ${kinds.join(', ')}; this is ${kindRules[identity.kind].one}.`);
  return { ...identity, fileName };
}

/**
 * The object stays in place if that is the final store and nobody can write to it again. Otherwise it is copied to a key for which no URL was ever
 * signed, so that replaying a presigned PUT changes nothing that anybody reads.
 */
async function toFinalStore(ctx: UploadContext & JobContext, session: UploadSession, object: SessionObject, mimeType: string): Promise<Finalized> {
  const from = ctx.site.stores.of(locatorOf(object));
  const to = ctx.site.stores.active('final');
  if (from === to && !isWritableAgain(from, session)) {
    const digest = await digestOf(ctx, session, object);
    await scanObject(ctx, object);
    return { objectId: object.id, copy: null, ...digest };
  }
  const objectId = newObjectId();
  const collection = collectionNamed(ctx.site.collections, session.collection);
  const extension = object.key.split('.').at(-1)?.slice(0, 10) ?? 'bin';
  const copy: Written = {
    provider: to.provider,
    location: to.location,
    key: artifactKey(collection.keyPrefix, session.owner_id, session.asset_id, objectId, 'source', extension),
    id: objectId,
    role: 'source',
  };
  await reserveObjects(ctx.site.db, [{ ...copy, leaseUntil: secondsFrom(ctx.site.clock.now(), moveLeaseSeconds) }]);
  const endLease = keepLease(ctx, [objectId], moveLeaseSeconds);
  try {
    const source = await from.get(object.key, { signal: ctx.signal });
    if (source === null) throw new SafelightError('upload_incomplete', 'The uploaded object is not in storage any more.', { retryable: false });
    const stored = await to.put(copy.key, source.body, {
      contentType: mimeType,
      bytes: source.bytes,
      signal: ctx.signal,
      onProgress: (bytes) => ctx.job.progress((bytes / source.bytes) * 0.2, 'storing'),
    });
    if (stored.sha256 === null) throw new Error(`${to.provider} answered no digest of what it stored`);
    await scanObject(ctx, copy);
    requireDeclared(session, stored.sha256);
    return { objectId, copy, sha256: stored.sha256, crc32: stored.crc32 ?? null, bytes: stored.bytes };
  } catch (error) {
    await discardWritten(ctx, [copy]);
    throw error;
  } finally {
    endLease();
  }
}

/** Whether a URL that was signed for this upload can still change the object. */
function isWritableAgain({ capabilities, multipart }: Store, { protocol }: UploadSession): boolean {
  if (protocol === 'multipart') return multipart?.signPart !== undefined && capabilities.multipart?.partsOnly !== true;
  return protocol === 'presigned' && capabilities.presignedPut === 'direct' && !capabilities.binds.createOnly;
}

/** Bytes that passed through us were digested on the way; those sent straight to the provider are read once. */
async function digestOf(ctx: UploadContext, session: UploadSession, object: SessionObject): Promise<Digest> {
  const { sha256, crc32, bytes } = object;
  const known = sha256 !== null && bytes !== null ? { sha256, crc32, bytes } : await readDigest(ctx, object);
  requireDeclared(session, known.sha256);
  return known;
}

/** This failure is final: reading the same bytes again gives the same digest. */
function requireDeclared({ declared_sha256: declared }: UploadSession, sha256: string): void {
  if (declared === null || declared === sha256) return;
  throw new SafelightError('checksum_mismatch', `The bytes have the SHA-256 ${sha256}; ${declared} was declared. Upload the file again.`, { retryable: false });
}
