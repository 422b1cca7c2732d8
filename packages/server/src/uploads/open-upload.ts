import type { uploadInitSchema } from '@safelight/contract/uploads';
import type { z } from 'zod';

import { emit } from '../events/emit.ts';
import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { newAssetId, newObjectId, newUploadId } from '../lib/ids.ts';
import { transact } from '../lib/transact.ts';
import type { Locator } from '../storage/locator.ts';
import { uploadKey } from '../storage/object-key.ts';
import type { Store } from '../storage/store.ts';
import { cleanFileName } from './file-name.ts';
import { checkDeclared, planUpload } from './plan-upload.ts';
import { insertSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

export type OpenUpload = z.output<typeof uploadInitSchema>;
export type OpenedUpload = { uploadId: string; method: 'PUT'; uploadURL: string; headers: Record<string, string>; objectPath: string; expiresAt: string };

/** After the URL has expired a slow PUT may still be running; only then is the object given up. */
const graceSeconds = 3600;

/** Opens an upload whose bytes the client puts straight to storage. Nothing is promised until `completeUpload` has seen them. */
export async function openUpload(ctx: UploadContext, input: OpenUpload): Promise<OpenedUpload> {
  if (input.multipart === true) throw new SafelightError('invalid_request', 'Multipart uploads are not offered by this server yet. Leave multipart out and send the file with one PUT.');
  const plan = await planUpload(ctx, input);
  checkDeclared(plan, { type: input.contentType, bytes: input.byteSize });
  const store = ctx.stores.active('staging');
  const now = ctx.clock.now();
  const expiresAt = secondsFrom(now, ctx.uploadExpirySeconds);
  const assetId = newAssetId();
  const fileName = cleanFileName(input.filename);
  const session = {
    id: newUploadId(),
    assetId,
    objectId: newObjectId(),
    protocol: 'presigned' as const,
    ownerId: ctx.actor.id,
    plan,
    fileName,
    contentType: input.contentType ?? null,
    declaredBytes: input.byteSize ?? null,
    declaredSha256: input.sha256 ?? null,
    locator: { provider: store.provider, location: store.location, key: uploadKey(plan.collection.keyPrefix, ctx.actor.id, assetId, fileName) },
    expiresAt,
    leaseUntil: secondsFrom(expiresAt, graceSeconds),
  };
  await transact(ctx.db, async (tx) => {
    await insertSession(tx, session);
    await emit(tx, [{ name: 'upload_started', ownerId: ctx.actor.id, collection: plan.collection.name, ...(plan.entity === null ? {} : { entity: plan.entity }), mediaId: assetId, payload: {} }]);
  });
  const request = await presign(ctx, store, session.id, session.locator, { contentType: input.contentType ?? 'application/octet-stream', ...(input.byteSize === undefined ? {} : { bytes: input.byteSize }), ...(input.sha256 === undefined ? {} : { sha256: input.sha256 }), expiresAt });
  return { uploadId: session.id, method: 'PUT', uploadURL: request.url, headers: request.headers, objectPath: session.locator.key, expiresAt: expiresAt.toISOString() };
}

type Bindings = { contentType: string; bytes?: number; sha256?: string; expiresAt: Date };

async function presign(ctx: UploadContext, store: Store, uploadId: string, locator: Locator, bindings: Bindings): Promise<{ url: string; headers: Record<string, string> }> {
  const { expiresAt, ...options } = bindings;
  const expiresInSeconds = Math.floor((expiresAt.getTime() - ctx.clock.now().getTime()) / 1000);
  if (store.capabilities.presignedPut === 'direct' && store.presignPut !== undefined) return await store.presignPut(locator.key, { ...options, expiresInSeconds });
  const signature = ctx.signing.sign(storagePut, [uploadId, locator.key], expiresAt);
  const path = locator.key.split('/').map(encodeURIComponent).join('/');
  return { url: `${ctx.baseURL}/storage/${path}?upload=${uploadId}&signature=${signature}`, headers: { 'content-type': options.contentType } };
}

/** The purpose that signatures of served PUTs are bound to. */
export const storagePut = 'storage-put';
