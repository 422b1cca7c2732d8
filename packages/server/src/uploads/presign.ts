import { SafelightError } from '../lib/errors.ts';
import type { Locator } from '../storage/locator.ts';
import type { UploadContext } from './upload-context.ts';

/** The purpose that signatures of served PUTs are bound to. */
export const storagePut = 'storage-put';

/** The type that an upload's URL is signed for: the declared one, otherwise the generic one. */
export const signedType = (contentType: string | null | undefined): string => contentType || 'application/octet-stream';

export type PutRequest = { url: string; headers: Record<string, string> };
export type PutBindings = { contentType: string; bytes?: number; sha256?: string; expiresAt: Date };

/** A PUT URL for a whole object: the provider's own where it has one, otherwise one that Safelight serves. */
export async function presignPut(ctx: UploadContext, uploadId: string, locator: Locator, bindings: PutBindings): Promise<PutRequest> {
  const { expiresAt, ...options } = bindings;
  const store = ctx.site.stores.of(locator);
  if (store.capabilities.presignedPut === 'direct' && store.presignPut !== undefined)
    return await store.presignPut(locator.key, { ...options, expiresInSeconds: secondsUntil(ctx, expiresAt) });
  const signature = ctx.site.signing.sign(storagePut, [uploadId, locator.key], expiresAt);
  return {
    url: `${ctx.site.baseURL}/storage/${pathOf(locator.key)}?upload=${uploadId}&signature=${signature}`,
    headers: { 'content-type': options.contentType },
  };
}

/** A form POST for a whole object, which Safelight serves for every provider. The form also completes the upload. */
export function presignForm(ctx: UploadContext, opened: { uploadId: string; objectPath: string; expiresAt: string }): string {
  const signature = ctx.site.signing.sign(storagePut, [opened.uploadId, opened.objectPath], new Date(opened.expiresAt));
  return `${ctx.site.baseURL}/storage/${pathOf(opened.objectPath)}?upload=${opened.uploadId}&signature=${signature}`;
}

export type PartTarget = { uploadId: string; providerUploadId: string; locator: Locator; partNumber: number; bytes?: number; expiresAt: Date };

export async function presignPart(ctx: UploadContext, target: PartTarget): Promise<PutRequest> {
  const { uploadId, providerUploadId, locator, partNumber, expiresAt } = target;
  const store = ctx.site.stores.of(locator);
  if (store.multipart?.signPart !== undefined) {
    const part = { partNumber, expiresInSeconds: secondsUntil(ctx, expiresAt), ...(target.bytes === undefined ? {} : { bytes: target.bytes }) };
    return await store.multipart.signPart(locator.key, providerUploadId, part);
  }
  if (store.multipart === undefined)
    throw new SafelightError('invalid_request', 'The storage here takes no parts. Leave multipart out and send the file with one PUT.');
  const signature = ctx.site.signing.sign(storagePut, [uploadId, locator.key, String(partNumber)], expiresAt);
  return { url: `${ctx.site.baseURL}/storage/${pathOf(locator.key)}?upload=${uploadId}&part=${partNumber}&signature=${signature}`, headers: {} };
}

const secondsUntil = (ctx: UploadContext, moment: Date): number => Math.max(1, Math.floor((moment.getTime() - ctx.site.clock.now().getTime()) / 1000));
const pathOf = (key: string): string => key.split('/').map(encodeURIComponent).join('/');
