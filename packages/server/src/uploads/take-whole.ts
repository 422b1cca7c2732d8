import { createHash } from 'node:crypto';

import { isUnreachable } from '../lib/database.ts';
import { SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { AppendBytes } from './append-bytes.ts';
import { endWhenRefused } from './complete-on-arrival.ts';
import { arrivingOf, registerArriving, verifyArrival, type KnownOfUpload } from './complete-upload.ts';
import type { ResumableContext } from './hold-upload.ts';
import { readSoon } from './read-soon.ts';
import { isAppended, readSessionObject, type SessionObject, type UploadSession } from './session-rows.ts';
import { smallBytes } from './sink.ts';
import type { Store, StoredObject } from '../storage/store.ts';

type Whole = { store: Store; object: SessionObject; bytes: number };

/**
 * Takes the whole of a small upload that comes in one request, without holding the upload first: its bytes are stored, and the transaction that makes
 * the asset checks that nobody else has touched the upload meanwhile. Returns false if it has to be appended as any other, with what was read of the
 * body already.
 */
export async function takeWhole(ctx: ResumableContext, input: AppendBytes, known: KnownOfUpload): Promise<{ isTaken: boolean; begun: Buffer[] }> {
  const whole = wholeOf(ctx, input, known.object);
  if (whole === null) return { isTaken: false, begun: [...(input.begun ?? [])] };
  const begun = [...(input.begun ?? []), ...(await readSoon(input.body))];
  if (begun.reduce((sum, piece) => sum + piece.length, 0) !== whole.bytes) return { isTaken: false, begun };
  requireChecksum(input.checksum, begun);
  return { isTaken: await registerWhole(ctx, input.session, whole, begun, known), begun };
}

function wholeOf(ctx: ResumableContext, input: AppendBytes, object: SessionObject | undefined): Whole | null {
  const { session } = input;
  const bytes = session.declared_bytes;
  if (bytes === null || input.contentLength !== bytes || input.offset !== 0 || !mayComeWhole(session)) return null;
  if (input.length !== null && input.length !== bytes) return null;
  if (object === undefined || object.id !== session.object_id || session.expires_at <= ctx.site.clock.now()) return null;
  const store = ctx.site.stores.of(locatorOf(object));
  return isAppended(store, session) ? { store, object, bytes } : null;
}

/** Whether it is small, and no request has touched it. */
export const mayComeWhole = ({ state, concat, declared_bytes: declared, received_bytes: received, lock_until: held }: UploadSession): boolean =>
  state === 'open' && concat === null && declared !== null && declared > 0 && declared <= smallBytes && received === 0 && held === null;

function requireChecksum(checksum: AppendBytes['checksum'], pieces: readonly Buffer[]): void {
  if (checksum === null) return;
  const hash = createHash(checksum.algorithm);
  for (const piece of pieces) hash.update(piece);
  if (hash.digest().equals(checksum.digest)) return;
  throw new SafelightError('checksum_mismatch', 'The bytes do not match their checksum. Send them again.', { headers: { 'upload-offset': '0' } });
}

/** False when another request has the upload, or has had it. */
async function registerWhole(ctx: ResumableContext, session: UploadSession, whole: Whole, pieces: readonly Buffer[], known: KnownOfUpload): Promise<boolean> {
  const { store, object } = whole;
  const put = await putWhole(session, whole, pieces);
  if (put === null) return false;
  const { stored, isNamed } = put;
  const register = async (): Promise<boolean> => {
    const arriving = arrivingOf(ctx, await verifyArrival(ctx, session, { ...known, stored }));
    return (await registerArriving(ctx, session, { ...arriving, isUntouched: true, ruled: known.ruled })) !== null;
  };
  const isRegistered = await (known.ruled === undefined ? endWhenRefused(ctx, session, register) : register()).catch(async (error: unknown) => {
    // What was not read just now never decides: the caller reads it and comes again.
    if (known.ruled !== undefined && error instanceof SafelightError) return false;
    if (isUnreachable(error) && (await isStored(ctx, object.id, stored.sha256))) return true;
    throw error;
  });
  if (!isNamed)
    await (isRegistered ? store.unnamed?.publish(object.key) : store.unnamed?.discard(object.key))?.catch((error: unknown) => {
      ctx.log.warn({ err: error, uploadId: session.id }, 'stored bytes could not be given their name, or given up; their first reader or the sweep does it');
    });
  return isRegistered;
}

/**
 * Bytes get their name after the transaction where the store can do that, which spares the disk half of its work. Null when those of another request
 * are there.
 */
async function putWhole(
  session: UploadSession,
  { store, object: { key }, bytes }: Whole,
  pieces: readonly Buffer[],
): Promise<{ stored: StoredObject; isNamed: boolean } | null> {
  const options = { contentType: session.content_type ?? 'application/octet-stream', bytes };
  try {
    const unnamed = await store.unnamed?.put(key, pieces, options);
    if (unnamed) return { stored: unnamed, isNamed: false };
    return { stored: await store.put(key, Buffer.concat(pieces), { ...options, ifAbsent: true }), isNamed: true };
  } catch (error) {
    if (error instanceof SafelightError && error.code === 'conflict') return null;
    throw error;
  }
}

/** Whether these bytes are an asset, though the answer to the COMMIT was lost. */
async function isStored(ctx: ResumableContext, objectId: string, sha256: string | null): Promise<boolean> {
  const object = await readSessionObject(ctx.site.db, objectId).catch((error: unknown) => {
    ctx.log.warn({ err: error, objectId }, 'whether an upload was registered before the connection was lost cannot be known now');
    return undefined;
  });
  return object?.state === 'stored' && sha256 !== null && object.sha256 === sha256;
}
