import { randomUUID } from 'node:crypto';
import { SafelightError } from '../../lib/errors.ts';
import { encodeKey } from '../encode-key.ts';
import type { CallOptions, Store } from '../store.ts';
import { maxParts, minPartBytes } from '../store-limits.ts';
import { copyFile } from './copy-file.ts';
import { deleteFiles } from './delete-files.ts';
import { createGcsBucket, request, type GcsBucket } from './gcs-bucket.ts';
import type { GcsStoreConfig } from './gcs-store-config.ts';
import { listFiles } from './list-files.ts';
import { multipartUploads } from './multipart-upload.ts';
import { parseGcsUrl } from './parse-gcs-url.ts';
import { presignGet, presignPut } from './presign.ts';
import { putFile } from './put-file.ts';
import { getFile, headFile } from './read-file.ts';

/** A bucket of Google's cloud storage. No request is made before the first call. */
export async function openGcsStore(config: GcsStoreConfig): Promise<Store> {
  const bucket = createGcsBucket(config);
  const base = config.publicBaseUrl?.replace(/\/$/, '');
  return {
    provider: 'gcs',
    location: config.location,
    capabilities: {
      presignedPut: 'direct',
      presignedGet: true,
      presignedCacheControl: false,
      binds: { size: true, type: true, createOnly: true },
      conditionalCreate: true,
      multipart: { minPartBytes, maxParts, equalParts: false, partsOnly: true },
      checksum: 'md5',
      localPath: false,
      listOrder: 'bytes',
      keepsContentType: true,
    },
    put: (key, body, options) => putFile(bucket, key, body, options),
    get: (key, options) => getFile(bucket, key, options),
    head: (key, options) => headFile(bucket, key, options),
    delete: (keys, options) => deleteFiles(bucket, keys, options),
    list: (options) => listFiles(bucket, options),
    copy: (from, to, options) => copyFile(bucket, from, to, options),
    check: (options) => checkBucket(bucket, options),
    close: async () => undefined,
    presignPut: (key, options) => presignPut(bucket, key, options),
    presignGet: (key, options) => presignGet(bucket, key, options),
    multipart: multipartUploads(bucket),
    publicUrl: (key) => (base === undefined ? null : `${base}/${encodeKey(key)}`),
    parseUrl: (url) => parseGcsUrl(config, url),
  };
}

/** Lists, writes and deletes an object of its own, under a name that no ledger row can have. */
async function checkBucket(bucket: GcsBucket, { signal }: CallOptions = {}): Promise<void> {
  await request(bucket, { signal }, () => bucket.client.getFiles({ maxResults: 1, autoPaginate: false }));
  const key = `.safelight/check-${randomUUID()}`;
  const options = { ...(signal && { signal }) };
  await putFile(bucket, key, Buffer.from('safelight'), { contentType: 'text/plain', ...options });
  const [problem] = (await deleteFiles(bucket, [key], options)).failed;
  if (problem !== undefined) {
    throw new SafelightError('storage_unavailable', `The bucket "${bucket.bucket}" takes objects but does not delete them: ${problem.reason}`);
  }
}
