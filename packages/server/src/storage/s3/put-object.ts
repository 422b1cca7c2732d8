import { PutObjectCommand } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { assertKey } from '../assert-key.ts';
import { keyTaken } from '../key-taken.ts';
import { putInParts } from '../put-in-parts.ts';
import type { Body, PutOptions, StoredObject } from '../store.ts';
import { maxParts } from '../store-limits.ts';
import { abortUpload, beginUpload, completeUpload, sendPart } from './multipart-upload.ts';
import { describeAnswer, headMetadata, putIdMetadata, sha256Metadata } from './read-object.ts';
import { callOptions, type S3Bucket } from './s3-bucket.ts';
import { isConditionRefused, s3Error } from './s3-error.ts';
import { signPayloadHash } from './sign-payload-hash.ts';

/** Small bodies go in one request, long ones in parts; either way an object appears whole or not at all. */
export async function putObject(bucket: S3Bucket, key: string, body: Body, options: PutOptions): Promise<StoredObject> {
  assertKey(key);
  const { contentType, signal, ifAbsent = false } = options;
  const putId = randomUUID();
  return putInParts(body, options, {
    maxParts,
    putWhole: async (bytes, sha256) => {
      const command = new PutObjectCommand({
        Bucket: bucket.bucket,
        Key: key,
        Body: bytes,
        ContentLength: bytes.length,
        ContentType: contentType,
        Metadata: { [sha256Metadata]: sha256, ...(ifAbsent && { [putIdMetadata]: putId }) },
        ...(ifAbsent && { IfNoneMatch: '*' }),
      });
      signPayloadHash(command.middlewareStack, sha256);
      const put = async (): Promise<StoredObject> => {
        const { ETag } = await bucket.client.send(command, callOptions(bucket, signal, { bytes: bytes.length }));
        return { key, bytes: bytes.length, contentType, etag: ETag ?? null, sha256, modifiedAt: new Date() };
      };
      try {
        return await (ifAbsent ? createOnly(bucket, key, putId, signal, put) : put());
      } catch (error) {
        throw s3Error(bucket, error, { signal, key });
      }
    },
    begin: async () => {
      // An early check that saves sending the bytes; the completion has the real condition.
      if (ifAbsent && (await headMetadata(bucket, key, signal)) !== null) throw keyTaken(key);
      const metadata = { ...(options.sha256 !== undefined && { [sha256Metadata]: options.sha256.toLowerCase() }), ...(ifAbsent && { [putIdMetadata]: putId }) };
      const uploadId = await beginUpload(bucket, key, contentType, metadata, signal);
      const parts: { partNumber: number; etag: string }[] = [];
      return {
        putPart: async (partNumber, bytes) => void parts.push(await sendPart(bucket, key, uploadId, partNumber, bytes, signal)),
        complete: async ({ sha256, bytes }) => {
          const sorted = parts.sort((a, b) => a.partNumber - b.partNumber);
          const complete = (): Promise<StoredObject> => completeUpload(bucket, key, uploadId, sorted, { ifAbsent, ...(signal && { signal }) });
          const object = await (ifAbsent ? createOnly(bucket, key, putId, signal, complete) : complete());
          return { ...object, bytes, contentType, sha256 };
        },
        abort: () => abortUpload(bucket, key, uploadId, undefined),
      };
    },
  });
}

const attempts = 4;

/**
 * A conditional write whose answer was lost is retried and then meets its own object, so the id in the metadata tells whose it is. A 409 only means
 * that somebody is writing this key right now; it is retried until that is decided.
 */
async function createOnly(
  bucket: S3Bucket,
  key: string,
  putId: string,
  signal: AbortSignal | undefined,
  write: () => Promise<StoredObject>,
): Promise<StoredObject> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (!isConditionRefused(error)) throw error;
      const present = await headMetadata(bucket, key, signal);
      if (present?.Metadata?.[putIdMetadata] === putId) return describeAnswer(key, present);
      if (present !== null) throw keyTaken(key, error);
      if (attempt === attempts) throw error;
    }
  }
}
