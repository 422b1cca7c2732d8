import type { GetSignedUrlConfig } from '@google-cloud/storage';
import type { PresignedRequest, PresignGetOptions, PresignPutOptions } from '../store.ts';
import { assertPartNumber } from '../upload-parts.ts';
import { maxParts } from '../store-limits.ts';
import { fileOf, request, type GcsBucket } from './gcs-bucket.ts';

/** Type, size and "create only" are signed as headers, so Google refuses a PUT with others: a repeated PUT cannot change what was finalized. */
export async function presignPut(bucket: GcsBucket, key: string, { contentType, bytes, expiresInSeconds }: PresignPutOptions): Promise<PresignedRequest> {
  const extensionHeaders: Record<string, string> = {
    'x-goog-if-generation-match': '0',
    ...(bytes !== undefined && { 'x-goog-content-length-range': `${bytes},${bytes}` }),
  };
  const expiresAt = expiry(expiresInSeconds);
  const url = await sign(bucket, key, { action: 'write', contentType, extensionHeaders }, expiresAt);
  return { method: 'PUT', url, headers: { 'Content-Type': contentType, ...extensionHeaders }, expiresAt };
}

export async function presignPart(
  bucket: GcsBucket,
  key: string,
  uploadId: string,
  { partNumber, expiresInSeconds }: { partNumber: number; expiresInSeconds: number },
): Promise<PresignedRequest> {
  assertPartNumber(partNumber, maxParts);
  const expiresAt = expiry(expiresInSeconds);
  const url = await sign(bucket, key, { action: 'write', queryParams: { partNumber: String(partNumber), uploadId } }, expiresAt);
  return { method: 'PUT', url, headers: {}, expiresAt };
}

export async function presignGet(bucket: GcsBucket, key: string, { contentType, contentDisposition, expiresInSeconds }: PresignGetOptions): Promise<string> {
  const queryParams = {
    ...(contentType !== undefined && { 'response-content-type': contentType }),
    ...(contentDisposition !== undefined && { 'response-content-disposition': contentDisposition }),
  };
  return sign(bucket, key, { action: 'read', queryParams }, expiry(expiresInSeconds));
}

const expiry = (expiresInSeconds: number): Date => new Date(Date.now() + expiresInSeconds * 1_000);

/** Without a key file, Google signs for the machine's identity: that takes a request, and the role "Service Account Token Creator". */
const sign = (bucket: GcsBucket, key: string, config: Omit<GetSignedUrlConfig, 'version' | 'expires'>, expires: Date): Promise<string> => {
  const file = fileOf(bucket, key);
  return request(bucket, { key }, async () => (await file.getSignedUrl({ version: 'v4', expires, ...config }))[0]);
};
