import { GetObjectCommand, HeadBucketCommand, HeadObjectCommand, type GetObjectCommandOutput, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { SafelightError } from '../../lib/errors.ts';
import { assertKey } from '../assert-key.ts';
import { guardBody } from '../guard-body.ts';
import type { CallOptions, GetOptions, StoredObject, StoredStream } from '../store.ts';
import { callOptions, type S3Bucket } from './s3-bucket.ts';
import { isMissingObject, s3Error } from './s3-error.ts';

/** Metadata of this adapter: the digest if it is known before the first byte, and the id of the conditional put. */
export const sha256Metadata = 'safelight-sha256';
export const putIdMetadata = 'safelight-put';

export async function getObject(bucket: S3Bucket, key: string, { range, signal }: GetOptions = {}): Promise<StoredStream | null> {
  assertKey(key);
  if (range !== undefined && (range.start < 0 || range.end < range.start)) {
    throw new SafelightError('invalid_request', `${range.start}–${range.end} is not a range.`);
  }
  const options = callOptions(bucket, signal);
  try {
    const Range = range && `bytes=${range.start}-${range.end}`;
    const answer = await bucket.client.send(new GetObjectCommand({ Bucket: bucket.bucket, Key: key, Range }), options);
    if (!(answer.Body instanceof Readable)) throw new Error('The SDK answered with a body that is not a Node stream.');
    const body = guardBody(answer.Body, {
      signal,
      idleMs: bucket.idleMs,
      bytes: answer.ContentLength ?? 0,
      refusal: (cause) => s3Error(bucket, cause, { signal, key }),
    });
    return { ...describeAnswer(key, answer), bytes: wholeBytes(answer), body };
  } catch (error) {
    if (isMissingObject(error)) return null;
    throw s3Error(bucket, error, { signal, key });
  }
}

export async function headObject(bucket: S3Bucket, key: string, { signal }: CallOptions = {}): Promise<StoredObject | null> {
  assertKey(key);
  const head = await headMetadata(bucket, key, signal);
  return head === null ? null : describeAnswer(key, head);
}

/** Null when there is no such object; `storage_unavailable` when there is no such bucket, for which HEAD returns the same 404. */
export async function headMetadata(bucket: S3Bucket, key: string, signal: AbortSignal | undefined): Promise<HeadObjectCommandOutput | null> {
  const options = callOptions(bucket, signal);
  try {
    return await bucket.client.send(new HeadObjectCommand({ Bucket: bucket.bucket, Key: key }), options);
  } catch (error) {
    if (!isMissingObject(error)) throw s3Error(bucket, error, { signal, key });
  }
  await assertBucket(bucket, signal);
  return null;
}

export async function assertBucket(bucket: S3Bucket, signal: AbortSignal | undefined): Promise<void> {
  try {
    await bucket.client.send(new HeadBucketCommand({ Bucket: bucket.bucket }), callOptions(bucket, signal));
  } catch (error) {
    throw s3Error(bucket, isMissingObject(error) ? Object.assign(new Error('NoSuchBucket', { cause: error }), { code: 'NoSuchBucket' }) : error, { signal });
  }
}

export function describeAnswer(key: string, answer: HeadObjectCommandOutput | GetObjectCommandOutput): StoredObject {
  const sha256 = answer.Metadata?.[sha256Metadata];
  return {
    key,
    bytes: answer.ContentLength ?? 0,
    contentType: answer.ContentType ?? null,
    etag: answer.ETag ?? null,
    sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null,
    modifiedAt: answer.LastModified ?? new Date(0),
  };
}

/** `Content-Range: bytes 0-9/1234` says the size of the whole. */
function wholeBytes({ ContentRange, ContentLength }: GetObjectCommandOutput): number {
  return ContentRange === undefined ? (ContentLength ?? 0) : Number(ContentRange.slice(ContentRange.lastIndexOf('/') + 1));
}
