import { GetObjectCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { RequestPresigningArguments } from '@smithy/types';
import { assertKey } from '../assert-key.ts';
import type { PresignedRequest, PresignGetOptions, PresignPutOptions } from '../store.ts';
import { assertPartNumber } from '../upload-parts.ts';
import { maxParts } from '../store-limits.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { s3Error } from './s3-error.ts';

/**
 * Type, size and "create only" are signed as headers, so the provider refuses a PUT with others: repeating a PUT cannot change what was finalized.
 * The client sends `headers` unchanged (a browser sets `Content-Length` itself).
 */
export async function presignPut(bucket: S3Bucket, key: string, options: PresignPutOptions): Promise<PresignedRequest> {
  assertKey(key);
  const { contentType, bytes, sha256, expiresInSeconds } = options;
  const checksum = sha256 === undefined ? null : Buffer.from(sha256, 'hex').toString('base64');
  const command = new PutObjectCommand({
    Bucket: bucket.bucket,
    Key: key,
    ContentType: contentType,
    IfNoneMatch: '*',
    ...(bytes !== undefined && { ContentLength: bytes }),
    ...(checksum !== null && { ChecksumSHA256: checksum }),
  });
  const headers: Record<string, string> = {
    'Content-Type': contentType,
    'If-None-Match': '*',
    ...(bytes !== undefined && { 'Content-Length': String(bytes) }),
    ...(checksum !== null && { 'x-amz-checksum-sha256': checksum }),
  };
  return sign(bucket, headers, expiresInSeconds, (signing) => getSignedUrl(bucket.client, command, signing));
}

export async function presignPart(
  bucket: S3Bucket,
  key: string,
  uploadId: string,
  { partNumber, bytes, expiresInSeconds }: { partNumber: number; bytes?: number; expiresInSeconds: number },
): Promise<PresignedRequest> {
  assertKey(key);
  assertPartNumber(partNumber, maxParts);
  const command = new UploadPartCommand({
    Bucket: bucket.bucket,
    Key: key,
    UploadId: uploadId,
    PartNumber: partNumber,
    ...(bytes !== undefined && { ContentLength: bytes }),
  });
  const headers: Record<string, string> = bytes === undefined ? {} : { 'Content-Length': String(bytes) };
  return sign(bucket, headers, expiresInSeconds, (signing) => getSignedUrl(bucket.client, command, signing));
}

/** Signs the headers as headers, rather than moving them into the URL or dropping them. */
async function sign(
  bucket: S3Bucket,
  headers: Record<string, string>,
  expiresInSeconds: number,
  toUrl: (options: RequestPresigningArguments) => Promise<string>,
): Promise<PresignedRequest> {
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const expiresAt = new Date(Date.now() + expiresInSeconds * 1_000);
  try {
    const url = await toUrl({ expiresIn: expiresInSeconds, signableHeaders: names, unhoistableHeaders: names });
    return { method: 'PUT', url, headers, expiresAt };
  } catch (error) {
    throw s3Error(bucket, error);
  }
}

export async function presignGet(bucket: S3Bucket, key: string, options: PresignGetOptions): Promise<string> {
  assertKey(key);
  const { contentType, contentDisposition, cacheControl, expiresInSeconds } = options;
  const command = new GetObjectCommand({
    Bucket: bucket.bucket,
    Key: key,
    ...(contentType !== undefined && { ResponseContentType: contentType }),
    ...(contentDisposition !== undefined && { ResponseContentDisposition: contentDisposition }),
    ...(cacheControl !== undefined && { ResponseCacheControl: cacheControl }),
  });
  try {
    return await getSignedUrl(bucket.client, command, { expiresIn: expiresInSeconds });
  } catch (error) {
    throw s3Error(bucket, error);
  }
}
