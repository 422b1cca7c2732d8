import { createHash, randomUUID } from 'node:crypto';
import { keyTaken } from '../key-taken.ts';
import { putInParts } from '../put-in-parts.ts';
import type { Body, PutOptions, StoredObject } from '../store.ts';
import { fileOf, request, type GcsBucket } from './gcs-bucket.ts';
import { isConditionRefused, rethrowCondition } from './gcs-error.ts';
import { describeFile, fileMetadata, putIdMetadata, sha256Metadata } from './read-file.ts';
import { resumableUpload } from './resumable-upload.ts';

/** A resumable upload has no part limit; this bounds the length of a body that declares none. */
const maxChunks = 1_000_000;

/**
 * Small bodies go in one request, long ones in a resumable upload, the only kind that takes a condition; either way an object appears whole or not at
 * all.
 */
export async function putFile(bucket: GcsBucket, key: string, body: Body, options: PutOptions): Promise<StoredObject> {
  const file = fileOf(bucket, key);
  const { contentType, signal, ifAbsent = false } = options;
  const putId = ifAbsent ? randomUUID() : null;
  const preconditionOpts = ifAbsent ? { ifGenerationMatch: 0 } : {};
  const metadata = (sha256: string | undefined): Record<string, string> => ({
    ...(sha256 !== undefined && { [sha256Metadata]: sha256.toLowerCase() }),
    ...(putId !== null && { [putIdMetadata]: putId }),
  });
  return putInParts(body, options, {
    maxParts: maxChunks,
    putWhole: (bytes, sha256) =>
      createOnly(bucket, key, putId, signal, async () => {
        // Google compares the MD5 with the received bytes and refuses others.
        const md5Hash = createHash('md5').update(bytes).digest('base64');
        await request(
          bucket,
          { signal, key, bytes: bytes.length },
          () =>
            file.save(bytes, {
              resumable: false,
              validation: false,
              preconditionOpts,
              contentType,
              metadata: { contentType, md5Hash, metadata: metadata(sha256) },
            }),
          rethrowCondition,
        );
        return { ...describeFile(key, file.metadata), bytes: bytes.length, contentType, sha256 };
      }),
    begin: async () => {
      // An early check that saves sending the bytes; the upload has the real condition.
      if (ifAbsent && (await fileMetadata(bucket, key, signal)) !== null) throw keyTaken(key);
      const upload = await resumableUpload(
        bucket,
        key,
        { contentType, metadata: { contentType, metadata: metadata(options.sha256) }, preconditionOpts },
        signal,
      );
      return {
        putPart: (_, bytes) => upload.send(bytes),
        complete: ({ bytes, sha256 }) =>
          createOnly(bucket, key, putId, signal, async () => ({ ...describeFile(key, await upload.finish()), bytes, contentType, sha256 })),
        abort: () => upload.cancel(),
      };
    },
  });
}

/** A conditional write whose answer was lost is retried and then meets its own object: the id in the metadata tells whose it is. */
export async function createOnly(
  bucket: GcsBucket,
  key: string,
  putId: string | null,
  signal: AbortSignal | undefined,
  write: () => Promise<StoredObject>,
): Promise<StoredObject> {
  try {
    return await write();
  } catch (error) {
    if (putId === null || !isConditionRefused(error)) throw error;
    const present = await fileMetadata(bucket, key, signal);
    if (present?.metadata?.[putIdMetadata] === putId) return describeFile(key, present);
    throw keyTaken(key, error);
  }
}
