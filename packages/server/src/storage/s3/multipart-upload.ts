import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { SafelightError } from '../../lib/errors.ts';
import { assertKey } from '../assert-key.ts';
import { collectPart } from '../collect-part.ts';
import type { CallOptions, Multipart, StoredObject, UploadedPart } from '../store.ts';
import { assertPartList, assertPartNumber, incompletePart, unknownUpload, type NamedPart } from '../upload-parts.ts';
import { maxParts, minPartBytes } from '../store-limits.ts';
import { presignPart } from './presign.ts';
import { headObject } from './read-object.ts';
import { callOptions, type S3Bucket } from './s3-bucket.ts';
import { errorName, isConditionRefused, isUnknownUpload, s3Error, statusOf } from './s3-error.ts';
import { signPayloadHash } from './sign-payload-hash.ts';

export function multipartUploads(bucket: S3Bucket): Multipart {
  return {
    create: (key, { contentType, signal }) => beginUpload(bucket, key, contentType, {}, signal),
    signPart: (key, uploadId, part) => presignPart(bucket, key, uploadId, part),
    putPart: async (key, uploadId, partNumber, body, options) => {
      assertPartNumber(partNumber, maxParts);
      return sendPart(bucket, key, uploadId, partNumber, await collectPart(body, options), options.signal);
    },
    listParts: (key, uploadId, { signal } = {}) => listParts(bucket, key, uploadId, signal),
    complete: (key, uploadId, parts, options = {}) => completeUpload(bucket, key, uploadId, parts, options),
    abort: (key, uploadId, { signal } = {}) => abortUpload(bucket, key, uploadId, signal),
    abortAll: async (key, { signal } = {}) => {
      for (const uploadId of await uploadsOf(bucket, key, signal)) await abortUpload(bucket, key, uploadId, signal);
    },
  };
}

export async function beginUpload(
  bucket: S3Bucket,
  key: string,
  contentType: string,
  metadata: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<string> {
  assertKey(key);
  const options = callOptions(bucket, signal);
  try {
    const command = new CreateMultipartUploadCommand({ Bucket: bucket.bucket, Key: key, ContentType: contentType, Metadata: metadata });
    const { UploadId } = await bucket.client.send(command, options);
    if (UploadId === undefined) throw new Error('The provider began a multipart upload without an id.');
    return UploadId;
  } catch (error) {
    throw s3Error(bucket, error, { signal, key });
  }
}

export async function sendPart(
  bucket: S3Bucket,
  key: string,
  uploadId: string,
  partNumber: number,
  bytes: Buffer,
  signal: AbortSignal | undefined,
): Promise<UploadedPart> {
  const options = callOptions(bucket, signal, { bytes: bytes.length });
  try {
    const command = new UploadPartCommand({
      Bucket: bucket.bucket,
      Key: key,
      UploadId: uploadId,
      PartNumber: partNumber,
      Body: bytes,
      ContentLength: bytes.length,
    });
    signPayloadHash(command.middlewareStack, createHash('sha256').update(bytes).digest('hex'));
    const { ETag } = await bucket.client.send(command, options);
    return { partNumber, etag: ETag ?? '', bytes: bytes.length };
  } catch (error) {
    if (isUnknownUpload(error)) throw unknownUpload({ key, uploadId }, error);
    throw s3Error(bucket, error, { signal, key });
  }
}

async function listParts(bucket: S3Bucket, key: string, uploadId: string, signal: AbortSignal | undefined): Promise<UploadedPart[] | null> {
  const options = callOptions(bucket, signal);
  const parts: UploadedPart[] = [];
  try {
    let marker: string | null = '0';
    // Not the SDK's paginator: it continues while there is a marker, and Ceph sends one even with the last page.
    while (marker !== null) {
      const command: ListPartsCommand = new ListPartsCommand({ Bucket: bucket.bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker });
      const page = await bucket.client.send(command, options);
      for (const { PartNumber = 0, ETag = '', Size = 0 } of page.Parts ?? []) parts.push({ partNumber: PartNumber, etag: ETag, bytes: Size });
      marker = page.IsTruncated === true ? (page.NextPartNumberMarker ?? null) : null;
    }
    return parts;
  } catch (error) {
    if (isUnknownUpload(error)) return null;
    throw s3Error(bucket, error, { signal, key });
  }
}

export async function completeUpload(
  bucket: S3Bucket,
  key: string,
  uploadId: string,
  parts: readonly NamedPart[],
  { signal, ifAbsent = false }: CallOptions & { ifAbsent?: boolean },
): Promise<StoredObject> {
  assertPartList(parts, maxParts);
  const options = callOptions(bucket, signal);
  try {
    const command = new CompleteMultipartUploadCommand({
      Bucket: bucket.bucket,
      Key: key,
      UploadId: uploadId,
      MultipartUpload: { Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag })) },
      ...(ifAbsent && { IfNoneMatch: '*' }),
    });
    await bucket.client.send(command, options);
  } catch (error) {
    // The caller knows whose object it may be.
    if (isConditionRefused(error)) throw error;
    if (isUnknownUpload(error)) return completedBefore(bucket, key, uploadId, parts, error, signal);
    // Ceph answers 500 instead of 404.
    if (statusOf(error) === 500 && (await listParts(bucket, key, uploadId, signal)) === null)
      return completedBefore(bucket, key, uploadId, parts, error, signal);
    if (statusOf(error) === 400) throw await wrongPart(bucket, key, uploadId, parts, error, signal);
    throw s3Error(bucket, error, { signal, key });
  }
  const object = await headObject(bucket, key, { ...(signal && { signal }) });
  if (object === null)
    throw new SafelightError('storage_unavailable', 'The provider completed an upload but does not show the object. Try again.', { context: { key } });
  return object;
}

/** A repeated complete, even after a lost answer, returns what the first one made: its ETag ends with the number of parts. */
async function completedBefore(
  bucket: S3Bucket,
  key: string,
  uploadId: string,
  parts: readonly NamedPart[],
  cause: unknown,
  signal: AbortSignal | undefined,
): Promise<StoredObject> {
  const object = await headObject(bucket, key, { ...(signal && { signal }) });
  if (!object?.etag?.endsWith(`-${parts.length}"`)) throw unknownUpload({ key, uploadId }, cause);
  return object;
}

/** The provider says that some part is wrong; its list of parts tells which. */
async function wrongPart(
  bucket: S3Bucket,
  key: string,
  uploadId: string,
  parts: readonly NamedPart[],
  cause: unknown,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const present = new Map((await listParts(bucket, key, uploadId, signal))?.map((part) => [part.partNumber, part]));
  const wrong = parts.find(({ partNumber, etag }) => unquoted(present.get(partNumber)?.etag ?? '') !== unquoted(etag));
  if (wrong !== undefined) return incompletePart(wrong.partNumber, cause);
  const small = parts.slice(0, -1).find(({ partNumber }) => (present.get(partNumber)?.bytes ?? 0) < minPartBytes);
  if (small !== undefined && errorName(cause) === 'EntityTooSmall') {
    return new SafelightError(
      'upload_incomplete',
      `Part ${small.partNumber} is smaller than ${minPartBytes} bytes, which only the last part may be. Send it again, larger.`,
      {
        cause,
      },
    );
  }
  return s3Error(bucket, cause, { signal, key });
}

const unquoted = (etag: string): string => etag.replaceAll('"', '');

export async function abortUpload(bucket: S3Bucket, key: string, uploadId: string, signal: AbortSignal | undefined): Promise<void> {
  const options = callOptions(bucket, signal);
  try {
    await bucket.client.send(new AbortMultipartUploadCommand({ Bucket: bucket.bucket, Key: key, UploadId: uploadId }), options);
  } catch (error) {
    if (!isUnknownUpload(error)) throw s3Error(bucket, error, { signal, key });
  }
}

/** The prefix also matches longer keys, and a key may have more than one page of uploads. */
async function uploadsOf(bucket: S3Bucket, key: string, signal: AbortSignal | undefined): Promise<string[]> {
  assertKey(key);
  const uploadIds: string[] = [];
  let marker: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
  try {
    while (marker !== null) {
      const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({ Bucket: bucket.bucket, Prefix: key, ...marker });
      const page = await bucket.client.send(command, callOptions(bucket, signal));
      for (const { Key, UploadId } of page.Uploads ?? []) if (Key === key && UploadId !== undefined) uploadIds.push(UploadId);
      // In key order the key itself comes first, so a page that ends with a longer key is the last one needed.
      const more: boolean = page.IsTruncated === true && page.NextKeyMarker === key;
      marker = more ? { KeyMarker: key, ...(page.NextUploadIdMarker !== undefined && { UploadIdMarker: page.NextUploadIdMarker }) } : null;
    }
    return uploadIds;
  } catch (error) {
    throw s3Error(bucket, error, { signal, key });
  }
}
