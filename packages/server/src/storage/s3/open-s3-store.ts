import { randomUUID } from 'node:crypto';
import { SafelightError } from '../../lib/errors.ts';
import { encodeKey } from '../encode-key.ts';
import type { CallOptions, Store } from '../store.ts';
import { maxParts, minPartBytes } from '../store-limits.ts';
import { copyObject } from './copy-object.ts';
import { deleteObjects } from './delete-objects.ts';
import { listObjects } from './list-objects.ts';
import { multipartUploads } from './multipart-upload.ts';
import { parseS3Url } from './parse-s3-url.ts';
import { presignGet, presignPut } from './presign.ts';
import { putObject } from './put-object.ts';
import { assertBucket, getObject, headObject } from './read-object.ts';
import { openS3Bucket, type S3Bucket } from './s3-bucket.ts';
import type { S3StoreConfig } from './s3-store-config.ts';

/** A bucket of AWS or of any compatible provider. No request is made before the first call. */
export async function openS3Store(config: S3StoreConfig): Promise<Store> {
  const bucket = openS3Bucket(config);
  const base = config.publicBaseUrl?.replace(/\/$/, '');
  return {
    provider: 's3',
    location: config.location,
    capabilities: {
      presignedPut: 'direct',
      presignedGet: true,
      presignedCacheControl: true,
      binds: { size: true, type: true, createOnly: true },
      conditionalCreate: true,
      multipart: { minPartBytes, maxParts, equalParts: config.equalParts ?? false, partsOnly: true },
      checksum: 'sha256',
      localPath: false,
      listOrder: 'bytes',
      keepsContentType: true,
    },
    put: (key, body, options) => putObject(bucket, key, body, options),
    get: (key, options) => getObject(bucket, key, options),
    head: (key, options) => headObject(bucket, key, options),
    delete: (keys, options) => deleteObjects(bucket, keys, options),
    list: (options) => listObjects(bucket, options),
    copy: (from, to, options) => copyObject(bucket, from, to, options),
    check: (options) => checkBucket(bucket, options),
    close: async () => bucket.client.destroy(),
    presignPut: (key, options) => presignPut(bucket, key, options),
    presignGet: (key, options) => presignGet(bucket, key, options),
    multipart: multipartUploads(bucket),
    publicUrl: (key) => (base === undefined ? null : `${base}/${encodeKey(key)}`),
    parseUrl: (url) => parseS3Url(config, url),
  };
}

/** Writes, reads and deletes an object of its own, under a name that no ledger row can have. */
async function checkBucket(bucket: S3Bucket, { signal }: CallOptions = {}): Promise<void> {
  await assertBucket(bucket, signal);
  const key = `.safelight/check-${randomUUID()}`;
  const options = { ...(signal && { signal }) };
  await putObject(bucket, key, Buffer.from('safelight'), { contentType: 'text/plain', ...options });
  const { failed } = await deleteObjects(bucket, [key], options);
  const [problem] = failed;
  if (problem !== undefined) {
    throw new SafelightError('storage_unavailable', `The bucket "${bucket.bucket}" takes objects but does not delete them: ${problem.reason}`);
  }
}
