import { CompleteMultipartUploadCommand, CopyObjectCommand, UploadPartCopyCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { SafelightError } from '../../lib/errors.ts';
import { assertKey } from '../assert-key.ts';
import { encodeKey } from '../encode-key.ts';
import { keyTaken } from '../key-taken.ts';
import type { CallOptions, StoredObject } from '../store.ts';
import { abortUpload, beginUpload } from './multipart-upload.ts';
import { headMetadata, headObject, putIdMetadata } from './read-object.ts';
import { callOptions, type S3Bucket } from './s3-bucket.ts';
import { isConditionRefused, s3Error } from './s3-error.ts';

const GiB = 1024 ** 3;
/** The limit of one copy request. */
const mostAtOnce = 5 * GiB;

export async function copyObject(
  bucket: S3Bucket,
  from: string,
  to: string,
  { signal, ifAbsent = false }: CallOptions & { ifAbsent?: boolean } = {},
): Promise<StoredObject> {
  assertKey(from);
  assertKey(to);
  const source = await headMetadata(bucket, from, signal);
  if (source === null) throw new SafelightError('not_found', 'The object to copy is not there.', { context: { from } });
  // Not every compatible provider supports the condition on a copy; those that do decide the race.
  if (ifAbsent && (await headMetadata(bucket, to, signal)) !== null) throw keyTaken(to);
  const putId = randomUUID();
  const metadata = { ...source.Metadata, [putIdMetadata]: putId };
  try {
    if ((source.ContentLength ?? 0) > mostAtOnce) await copyInParts(bucket, from, to, source, metadata, ifAbsent, signal);
    else await copyWhole(bucket, from, to, source, metadata, ifAbsent, signal);
  } catch (error) {
    if (!ifAbsent || !isConditionRefused(error)) throw s3Error(bucket, error, { signal, key: to });
    // Our own copy, whose answer was lost.
    if ((await headMetadata(bucket, to, signal))?.Metadata?.[putIdMetadata] !== putId) throw keyTaken(to, error);
  }
  const copy = await headObject(bucket, to, { ...(signal && { signal }) });
  if (copy === null) throw new SafelightError('storage_unavailable', 'The provider copied an object but does not show it. Try again.', { context: { to } });
  return copy;
}

type Metadata = Record<string, string>;
const sourceOf = (bucket: S3Bucket, from: string): string => `${bucket.bucket}/${encodeKey(from)}`;

async function copyWhole(
  bucket: S3Bucket,
  from: string,
  to: string,
  source: HeadObjectCommandOutput,
  metadata: Metadata,
  ifAbsent: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const command = new CopyObjectCommand({
    Bucket: bucket.bucket,
    Key: to,
    CopySource: sourceOf(bucket, from),
    MetadataDirective: 'REPLACE',
    Metadata: metadata,
    ...(source.ContentType !== undefined && { ContentType: source.ContentType }),
    ...(ifAbsent && { IfNoneMatch: '*' }),
  });
  await bucket.client.send(command, callOptions(bucket, signal, { copied: source.ContentLength ?? 0 }));
}

async function copyInParts(
  bucket: S3Bucket,
  from: string,
  to: string,
  source: HeadObjectCommandOutput,
  metadata: Metadata,
  ifAbsent: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const uploadId = await beginUpload(bucket, to, source.ContentType ?? 'application/octet-stream', metadata, signal);
  const upload = { Bucket: bucket.bucket, Key: to, UploadId: uploadId };
  try {
    const parts: { PartNumber: number; ETag: string }[] = [];
    const bytes = source.ContentLength ?? 0;
    for (let start = 0; start < bytes; start += GiB) {
      const PartNumber = parts.length + 1;
      const CopySourceRange = `bytes=${start}-${Math.min(start + GiB, bytes) - 1}`;
      const command = new UploadPartCopyCommand({ ...upload, PartNumber, CopySource: sourceOf(bucket, from), CopySourceRange });
      const { CopyPartResult } = await bucket.client.send(command, callOptions(bucket, signal, { copied: GiB }));
      parts.push({ PartNumber, ETag: CopyPartResult?.ETag ?? '' });
    }
    const complete = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts }, ...(ifAbsent && { IfNoneMatch: '*' }) });
    await bucket.client.send(complete, callOptions(bucket, signal));
  } catch (error) {
    await abortUpload(bucket, to, uploadId, undefined).catch(() => undefined);
    throw error;
  }
}
