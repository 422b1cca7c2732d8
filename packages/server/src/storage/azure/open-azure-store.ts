import { randomUUID } from 'node:crypto';
import { SafelightError } from '../../lib/errors.ts';
import { encodeKey } from '../encode-key.ts';
import type { CallOptions, Store } from '../store.ts';
import { createAzureContainer, request, type AzureContainer } from './azure-container.ts';
import type { AzureStoreConfig } from './azure-store-config.ts';
import { blockUploads, maxParts } from './block-uploads.ts';
import { copyBlob } from './copy-blob.ts';
import { deleteBlobs } from './delete-blobs.ts';
import { listBlobs } from './list-blobs.ts';
import { parseAzureUrl } from './parse-azure-url.ts';
import { presignGet, presignPut } from './presign.ts';
import { putBlob } from './put-blob.ts';
import { getBlob, headBlob } from './read-blob.ts';

/** A container of an Azure storage account. No request is made before the first call. */
export async function openAzureStore(config: AzureStoreConfig): Promise<Store> {
  const container = createAzureContainer(config);
  const base = config.publicBaseUrl?.replace(/\/$/, '');
  const signs = container.signer !== null;
  return {
    provider: 'azure',
    location: config.location,
    capabilities: {
      presignedPut: signs ? 'direct' : 'none',
      presignedGet: signs,
      presignedCacheControl: signs,
      binds: { size: false, type: false, createOnly: true },
      conditionalCreate: true,
      multipart: { minPartBytes: 1, maxParts, equalParts: false, partsOnly: false },
      checksum: 'md5',
      localPath: false,
      listOrder: 'utf16',
      keepsContentType: true,
    },
    put: (key, body, options) => putBlob(container, key, body, options),
    get: (key, options) => getBlob(container, key, options),
    head: (key, options) => headBlob(container, key, options),
    delete: (keys, options) => deleteBlobs(container, keys, options),
    list: (options) => listBlobs(container, options),
    copy: (from, to, options) => copyBlob(container, from, to, options),
    check: (options) => checkContainer(container, options),
    close: async () => undefined,
    ...(signs && {
      presignPut: (key, options) => presignPut(container, key, options),
      presignGet: (key, options) => presignGet(container, key, options),
    }),
    multipart: blockUploads(container),
    publicUrl: (key) => (base === undefined ? null : `${base}/${encodeKey(key)}`),
    parseUrl: (url) => parseAzureUrl(container.client.url, config.publicBaseUrl, url),
  } satisfies Store;
}

/** Writes and deletes an object of its own, under a name that no ledger row can have. */
async function checkContainer(container: AzureContainer, { signal }: CallOptions = {}): Promise<void> {
  await request(container, { signal }, (abortSignal) => container.client.getProperties({ abortSignal }));
  const key = `.safelight/check-${randomUUID()}`;
  const options = { ...(signal && { signal }) };
  await putBlob(container, key, Buffer.from('safelight'), { contentType: 'text/plain', ...options });
  const [problem] = (await deleteBlobs(container, [key], options)).failed;
  if (problem !== undefined) {
    throw new SafelightError('storage_unavailable', `The container "${container.container}" takes objects but does not delete them: ${problem.reason}`);
  }
}
