import { BlobServiceClient } from '@azure/storage-blob';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionString, startAzurite, type Azurite } from '../../../test/support/azurite.ts';
import { startFaultProxy } from '../../../test/support/fault-proxy.ts';
import { everyKey, readAll, seeded } from '../conformance-objects.ts';
import { faultConformance } from '../fault-conformance.ts';
import { storeConformance } from '../store-conformance.ts';
import type { Store } from '../store.ts';
import type { AzureStoreConfig } from './azure-store-config.ts';
import { openAzureStore } from './open-azure-store.ts';

let azurite: Azurite;
let faulty: AzureStoreConfig;

async function containerOf({ connectionString }: Azurite): Promise<AzureStoreConfig> {
  const container = `safelight-${randomUUID()}`;
  await BlobServiceClient.fromConnectionString(connectionString).createContainer(container);
  return { provider: 'azure', executionTarget: 'emulator', location: container, connectionString };
}

describe('Azure on Azurite', () => {
  beforeAll(async () => {
    azurite = await startAzurite();
    faulty = await containerOf(azurite);
  });
  afterAll(async () => {
    await azurite?.stop();
  });

  storeConformance('the Azure store', async () => openAzureStore(await containerOf(azurite)));

  faultConformance('the Azure store', () => ({
    proxy: (fault) => startFaultProxy(azurite.endpoint, fault),
    open: async (origin, idleTimeoutMs) =>
      openAzureStore({ ...faulty, connectionString: connectionString(`${origin}${new URL(azurite.endpoint).pathname}`), idleTimeoutMs }),
    requests: { put: /^PUT \/\S+faults\//, endOfLongPut: /^PUT \/\S+comp=blocklist/, complete: /^PUT \/\S+comp=blocklist/ },
  }));

  describe('the Azure store', () => {
    const open = async (changes: Partial<AzureStoreConfig> = {}): Promise<Store> => openAzureStore({ ...(await containerOf(azurite)), ...changes });

    test('shows nothing of a long put that failed', async () => {
      const store = await open();
      await expect(store.put('long', seeded(70_000_000), { contentType: 'video/mp4', sha256: '0'.repeat(64) })).rejects.toMatchObject({
        code: 'checksum_mismatch',
      });
      expect(await everyKey(store, '')).toEqual([]);
      expect(await store.head('long')).toBeNull();
    });

    test('keeps an existing object if an upload to its key is aborted', async () => {
      const store = await open();
      await store.put('kept', Buffer.from('kept'), { contentType: 'text/plain' });
      const uploadId = (await store.multipart?.create('kept', { contentType: 'text/plain' })) ?? '';
      await store.multipart?.putPart('kept', uploadId, 1, Buffer.from('other'), { bytes: 5 });
      await store.multipart?.abortAll('kept');
      expect((await readAll(store, 'kept'))?.toString()).toBe('kept');
    });

    test('distinguishes a missing container from a missing object', async () => {
      const store = await open({ location: 'no-such-container' });
      const missing = { code: 'storage_unavailable', message: expect.stringContaining('"no-such-container" is not there') };
      await expect(store.head('a')).rejects.toMatchObject(missing);
      await expect(store.get('a')).rejects.toMatchObject(missing);
      await expect(store.put('a', seeded(1), { contentType: 'text/plain' })).rejects.toMatchObject(missing);
      await expect(store.list({})).rejects.toMatchObject(missing);
      await expect(store.delete(['a'])).rejects.toMatchObject(missing);
      await expect(store.check()).rejects.toMatchObject(missing);
    });

    test('says that its credentials are wrong', async () => {
      const store = await open({ connectionString: azurite.connectionString.replace(/AccountKey=[^;]+/, 'AccountKey=d3Jvbmc=') });
      await expect(store.check()).rejects.toMatchObject({ code: 'storage_unavailable', message: expect.stringContaining('credentials') });
    });

    test('cannot sign without an account key, and says so in its capabilities', async () => {
      const sas = `BlobEndpoint=${azurite.endpoint};SharedAccessSignature=sv=2024-11-04&sig=x`;
      const store = await open({ connectionString: sas });
      expect(store.capabilities).toMatchObject({ presignedPut: 'none', presignedGet: false });
      expect([store.presignPut, store.presignGet, store.multipart?.signPart]).toEqual([undefined, undefined, undefined]);
    });
  });
});
