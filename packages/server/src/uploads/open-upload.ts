import type { uploadInitSchema } from '@safelight/contract/uploads';
import type { z } from 'zod';

import { secondsFrom } from '../lib/clock.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { newAssetId, newObjectId, newUploadId } from '../lib/ids.ts';
import type { More } from '../policy/require-quota.ts';
import { uploadKey } from '../storage/object-key.ts';
import { discardObjects } from '../storage/discard-objects.ts';
import type { Store } from '../storage/store.ts';
import { cleanFileName } from './clean-file-name.ts';
import { choosePartBytes, partNumbers } from './part-plan.ts';
import { checkDeclared, planAndOpen, type UploadPlan } from './plan-upload.ts';
import { presignPart, presignPut, signedType } from './presign.ts';
import { objectRowOf, type NewSession } from './session-rows.ts';
import { writeAnnounced } from './write-announced.ts';
import type { UploadContext } from './upload-context.ts';

export type OpenUpload = z.output<typeof uploadInitSchema>;
type Opened = { uploadId: string; objectPath: string; expiresAt: string };
export type OpenedUpload = Opened & { method: 'PUT'; uploadURL: string; headers: Record<string, string> };
export type OpenedMultipart = Opened & { partSize: number; parts: { partNumber: number; url: string; headers: Record<string, string> }[] };

/** A slow PUT may still run after its URL has expired; the object is given up after this time. */
export const putGraceSeconds = 3600;

type How = {
  /** We choose the part size unless the client chooses its own and asks for `any`. */
  parts?: 'ours' | 'any';
  /** Runs in the transaction that opens the upload. */
  keep?: ((tx: Tx, opened: OpenedUpload | OpenedMultipart) => Promise<void>) | undefined;
};

/**
 * Opens an upload whose bytes the client puts straight to storage, in one PUT or in parts. Nothing is promised until `completeUpload` has seen them.
 */
export async function openUpload(ctx: UploadContext, input: OpenUpload, how: How = {}): Promise<OpenedUpload | OpenedMultipart> {
  const more = { bytes: input.byteSize ?? 0 };
  return await planAndOpen(ctx, input, more, async (plan) => {
    const session = planSession(ctx, input, plan, how);
    if (session.partBytes !== undefined) return await openInParts(ctx, session, session.partBytes, more, how);
    const opened = await openWhole(ctx, session, input);
    await writeAnnounced(ctx, session, more, { keep: how.keep && (async (tx) => await how.keep?.(tx, opened)) });
    return opened;
  });
}

function planSession(ctx: UploadContext, input: OpenUpload, plan: UploadPlan, { parts = 'ours' }: How): NewSession {
  checkDeclared(ctx, plan, { type: input.contentType, bytes: input.byteSize });
  const store = ctx.site.stores.active('staging');
  const expiresAt = secondsFrom(ctx.site.clock.now(), ctx.site.uploadExpirySeconds);
  const assetId = newAssetId();
  const fileName = cleanFileName(input.filename);
  return {
    id: newUploadId(),
    assetId,
    objectId: newObjectId(),
    protocol: input.multipart === true ? 'multipart' : 'presigned',
    ownerId: ctx.actor.id,
    plan,
    fileName,
    contentType: input.contentType || null,
    declaredBytes: input.byteSize ?? null,
    declaredSha256: input.sha256 ?? null,
    locator: { provider: store.provider, location: store.location, key: uploadKey(plan.collection.keyPrefix, ctx.actor.id, assetId, fileName) },
    ...(input.multipart === true ? { partBytes: parts === 'any' ? parts : choosePartBytes(store, input.byteSize ?? plan.rules.maxBytes) } : {}),
    expiresAt,
    leaseUntil: secondsFrom(expiresAt, putGraceSeconds),
    isUnbound: ctx.actor.scopes.has('media:admin'),
    isWritableByUrl: input.multipart === true ? store.multipart?.signPart !== undefined : store.capabilities.presignedPut === 'direct',
  };
}

const openedAs = (session: NewSession): Opened => ({
  uploadId: session.id,
  objectPath: session.locator.key,
  expiresAt: session.expiresAt.toISOString(),
});

async function openWhole(ctx: UploadContext, session: NewSession, { byteSize, sha256, contentType }: OpenUpload): Promise<OpenedUpload> {
  const request = await presignPut(ctx, session.id, session.locator, {
    contentType: signedType(contentType),
    expiresAt: session.expiresAt,
    ...(byteSize === undefined ? {} : { bytes: byteSize }),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
  return { ...openedAs(session), method: 'PUT', uploadURL: request.url, headers: request.headers };
}

/**
 * Opens the upload at the provider before it has a session, so that none is ever there that takes no parts. The ledger has the object's row by then:
 * the sweeper finds what a crash leaves by its key.
 */
async function openInParts(ctx: UploadContext, session: NewSession, partBytes: number | 'any', more: More, { keep }: How): Promise<OpenedMultipart> {
  const store = ctx.site.stores.of(session.locator);
  if (store.multipart === undefined)
    throw new SafelightError('invalid_request', 'The storage here takes no parts. Leave multipart out and send the file with one PUT.');
  await ctx.site.db.insertInto('object').values(objectRowOf(session)).execute();
  try {
    const contentType = signedType(session.contentType);
    const providerUploadId = await store.multipart.create(session.locator.key, { contentType, signal: ctx.signal });
    const opened = { ...openedAs(session), ...(await signParts(ctx, store, { ...session, providerUploadId }, partBytes)) };
    await writeAnnounced(ctx, { ...session, providerUploadId }, more, { isReserved: true, keep: keep && (async (tx) => await keep(tx, opened)) });
    return opened;
  } catch (error) {
    // A refusal has rolled back; after anything else the transaction may have committed, and the sweeper decides when the lease has passed.
    if (error instanceof SafelightError) await discardObjects(ctx, [session.objectId]);
    throw error;
  }
}

async function signParts(
  ctx: UploadContext,
  store: Store,
  { id: uploadId, providerUploadId, locator, declaredBytes, expiresAt }: NewSession & { providerUploadId: string },
  partBytes: number | 'any',
): Promise<Pick<OpenedMultipart, 'partSize' | 'parts'>> {
  // A client with part sizes of its own asks for the URL of each part when it knows its size.
  if (partBytes === 'any') return { partSize: store.capabilities.multipart?.minPartBytes ?? 1, parts: [] };
  const target = { uploadId, providerUploadId, locator, expiresAt };
  const parts = await Promise.all(
    partNumbers(declaredBytes, partBytes).map(async (partNumber) => ({ partNumber, ...(await presignPart(ctx, { ...target, partNumber })) })),
  );
  return { partSize: partBytes, parts };
}
