import type { uploadInitSchema } from '@safelight/contract/uploads';
import type { z } from 'zod';

import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { newAssetId, newObjectId, newUploadId } from '../lib/ids.ts';
import { uploadKey } from '../storage/object-key.ts';
import type { Store } from '../storage/store.ts';
import { cleanFileName } from './file-name.ts';
import { choosePartBytes, partNumbers } from './part-plan.ts';
import { checkDeclared, planAndOpen, type UploadPlan } from './plan-upload.ts';
import { presignPart, presignPut, signedType } from './presign.ts';
import type { NewSession } from './session-rows.ts';
import { writeAnnounced } from './write-announced.ts';
import type { UploadContext } from './upload-context.ts';

export type OpenUpload = z.output<typeof uploadInitSchema>;
type Opened = { uploadId: string; objectPath: string; expiresAt: string };
export type OpenedUpload = Opened & { method: 'PUT'; uploadURL: string; headers: Record<string, string> };
export type OpenedMultipart = Opened & { partSize: number; parts: { partNumber: number; url: string; headers: Record<string, string> }[] };

/** A slow PUT may still run after its URL has expired; the object is given up after this time. */
export const putGraceSeconds = 3600;

/**
 * Opens an upload whose bytes the client puts straight to storage, in one PUT or in parts. Nothing is promised until `completeUpload` has seen them.
 * We choose the part size unless the client chooses its own and asks for `any`.
 */
export async function openUpload(ctx: UploadContext, input: OpenUpload, parts: 'ours' | 'any' = 'ours'): Promise<OpenedUpload | OpenedMultipart> {
  const more = { bytes: input.byteSize ?? 0 };
  const { session, store } = await planAndOpen(ctx, input, more, async (plan) => await writeSession(ctx, input, plan, parts));
  const opened = { uploadId: session.id, objectPath: session.locator.key, expiresAt: session.expiresAt.toISOString() };
  const contentType = signedType(input.contentType);
  if (session.partBytes !== undefined) return { ...opened, ...(await openParts(ctx, store, session, session.partBytes, contentType)) };
  const bindings = {
    contentType,
    expiresAt: session.expiresAt,
    ...(input.byteSize === undefined ? {} : { bytes: input.byteSize }),
    ...(input.sha256 === undefined ? {} : { sha256: input.sha256 }),
  };
  const request = await presignPut(ctx, session.id, session.locator, bindings);
  return { ...opened, method: 'PUT', uploadURL: request.url, headers: request.headers };
}

async function writeSession(ctx: UploadContext, input: OpenUpload, plan: UploadPlan, parts: 'ours' | 'any'): Promise<{ session: NewSession; store: Store }> {
  checkDeclared(ctx, plan, { type: input.contentType, bytes: input.byteSize });
  const store = ctx.site.stores.active('staging');
  const expiresAt = secondsFrom(ctx.site.clock.now(), ctx.site.uploadExpirySeconds);
  const assetId = newAssetId();
  const fileName = cleanFileName(input.filename);
  const session: NewSession = {
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
  await writeAnnounced(ctx, session, { bytes: input.byteSize ?? 0 });
  return { session, store };
}

/** Opens the multipart upload at the provider. The ledger already has the object's row, so the sweeper finds what a crash leaves by its key. */
async function openParts(
  ctx: UploadContext,
  store: Store,
  session: NewSession,
  partBytes: number | 'any',
  contentType: string,
): Promise<Pick<OpenedMultipart, 'partSize' | 'parts'>> {
  if (store.multipart === undefined)
    throw new SafelightError('invalid_request', 'The storage here takes no parts. Leave multipart out and send the file with one PUT.');
  const providerUploadId = await store.multipart.create(session.locator.key, { contentType, signal: ctx.signal });
  await ctx.site.db.updateTable('upload_session').set({ provider_upload_id: providerUploadId }).where('id', '=', session.id).execute();
  // A client with part sizes of its own asks for the URL of each part when it knows its size.
  if (partBytes === 'any') return { partSize: store.capabilities.multipart?.minPartBytes ?? 1, parts: [] };
  const target = { uploadId: session.id, providerUploadId, locator: session.locator, expiresAt: session.expiresAt };
  const parts = await Promise.all(
    partNumbers(session.declaredBytes, partBytes).map(async (partNumber) => ({ partNumber, ...(await presignPart(ctx, { ...target, partNumber })) })),
  );
  return { partSize: partBytes, parts };
}
