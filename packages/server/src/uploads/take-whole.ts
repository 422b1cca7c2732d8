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
import type { Store } from '../storage/store.ts';

type Whole = { store: Store; object: SessionObject; bytes: number };

/**
 * Takes the whole of a small upload that comes in one request, without holding the upload first: its bytes are stored, and the transaction that makes
 * the asset checks that nobody else has touched the upload meanwhile. Returns false if it has to be appended as any other, with what was read of the
 * body already.
 */
export async function takeWhole(ctx: ResumableContext, input: AppendBytes, known: KnownOfUpload): Promise<{ isTaken: boolean; begun: Buffer[] }> {
  const whole = wholeOf(ctx, input, known.object);
  if (whole === null) return { isTaken: false, begun: [] };
  const begun = await readSoon(input.body);
  const bytes = Buffer.concat(begun);
  if (bytes.length !== whole.bytes) return { isTaken: false, begun };
  requireChecksum(input.checksum, bytes);
  return { isTaken: await registerWhole(ctx, input.session, whole, bytes, known), begun };
}

function wholeOf(ctx: ResumableContext, input: AppendBytes, object: SessionObject | undefined): Whole | null {
  const { session } = input;
  const bytes = session.declared_bytes;
  if (bytes === null || bytes === 0 || bytes > smallBytes || input.contentLength !== bytes || input.offset !== 0) return null;
  if (input.length !== null && input.length !== bytes) return null;
  if (object === undefined || object.id !== session.object_id || !isUntouched(session) || session.expires_at <= ctx.site.clock.now()) return null;
  const store = ctx.site.stores.of(locatorOf(object));
  return isAppended(store, session) ? { store, object, bytes } : null;
}

const isUntouched = ({ state, concat, received_bytes: received, lock_holder: holder }: UploadSession): boolean =>
  state === 'open' && concat === null && received === 0 && holder === null;

function requireChecksum(checksum: AppendBytes['checksum'], bytes: Buffer): void {
  if (checksum === null || createHash(checksum.algorithm).update(bytes).digest().equals(checksum.digest)) return;
  throw new SafelightError('checksum_mismatch', 'The bytes do not match their checksum. Send them again.', { headers: { 'upload-offset': '0' } });
}

/** False when another request has the upload, or has had it. */
async function registerWhole(ctx: ResumableContext, session: UploadSession, { store, object }: Whole, bytes: Buffer, known: KnownOfUpload): Promise<boolean> {
  const contentType = session.content_type ?? 'application/octet-stream';
  const stored = await store.put(object.key, bytes, { contentType, bytes: bytes.length, ifAbsent: true }).catch((error: unknown) => {
    if (error instanceof SafelightError && error.code === 'conflict') return null;
    throw error;
  });
  if (stored === null) return false;
  try {
    const registered = await endWhenRefused(ctx, session, async () => {
      const arriving = arrivingOf(ctx, await verifyArrival(ctx, session, { ...known, stored }));
      return await registerArriving(ctx, session, { ...arriving, isUntouched: true });
    });
    return registered !== null;
  } catch (error) {
    if (!isUnreachable(error) || !(await isRegistered(ctx, object.id, stored.sha256))) throw error;
    return true;
  }
}

/** Whether these bytes are an asset, though the answer to the COMMIT was lost. */
async function isRegistered(ctx: ResumableContext, objectId: string, sha256: string | null): Promise<boolean> {
  const object = await readSessionObject(ctx.site.db, objectId).catch((error: unknown) => {
    ctx.log.warn({ err: error, objectId }, 'whether an upload was registered before the connection was lost cannot be known now');
    return undefined;
  });
  return object?.state === 'stored' && sha256 !== null && object.sha256 === sha256;
}
