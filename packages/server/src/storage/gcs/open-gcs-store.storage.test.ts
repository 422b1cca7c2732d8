import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFaultProxy } from '../../../test/support/fault-proxy.ts';
import { startGcsStub, type GcsStub } from '../../../test/support/gcs-stub.ts';
import { everyKey, readAll, seeded } from '../conformance-objects.ts';
import { faultConformance } from '../fault-conformance.ts';
import { storeConformance } from '../store-conformance.ts';
import type { Store } from '../store.ts';
import type { GcsStoreConfig } from './gcs-store-config.ts';
import { openGcsStore } from './open-gcs-store.ts';

let stub: GcsStub;
let faulty: GcsStoreConfig;

function bucketOf({ endpoint, serviceAccountJson, createBucket }: GcsStub): GcsStoreConfig {
  const location = `safelight-${randomUUID()}`;
  createBucket(location);
  return { provider: 'gcs', executionTarget: 'emulator', location, endpoint, serviceAccountJson };
}

describe('Google on its stub', () => {
  beforeAll(async () => {
    stub = await startGcsStub();
    faulty = bucketOf(stub);
  });
  afterAll(async () => {
    await stub?.stop();
  });

  storeConformance('the Google store', async () => openGcsStore(bucketOf(stub)));

  faultConformance('the Google store', () => ({
    proxy: (fault) => startFaultProxy(stub.endpoint, fault),
    open: (endpoint, idleTimeoutMs) => openGcsStore({ ...faulty, endpoint, idleTimeoutMs }),
    requests: { put: /^POST \/upload\//, endOfLongPut: /content-range: bytes \d+-\d+\/\d+/i, complete: /^POST \/\S+uploadId=/ },
  }));

  describe('the Google store', () => {
    const open = (changes: Partial<GcsStoreConfig> = {}): Promise<Store> => openGcsStore({ ...bucketOf(stub), ...changes });

    test('sends a long put in chunks that end exactly with the last part', async () => {
      const store = await open();
      const bytes = seeded(8 * 1024 * 1024 * 3);
      await store.put('long', bytes.subarray(0), { contentType: 'video/mp4' });
      const { Readable } = await import('node:stream');
      await store.put('chunked', Readable.from([bytes], { objectMode: false }), { contentType: 'video/mp4', ifAbsent: true });
      expect((await readAll(store, 'chunked'))?.equals(bytes)).toBe(true);
    });

    test('shows nothing of a long put that failed', async () => {
      const store = await open();
      await expect(store.put('long', seeded(70_000_000), { contentType: 'video/mp4', sha256: '0'.repeat(64) })).rejects.toMatchObject({
        code: 'checksum_mismatch',
      });
      expect(await everyKey(store, '')).toEqual([]);
    });

    test('distinguishes a missing bucket from a missing object', async () => {
      const store = await open({ location: 'no-such-bucket' });
      const missing = { code: 'storage_unavailable', message: expect.stringContaining('"no-such-bucket" is not there') };
      await expect(store.head('a')).rejects.toMatchObject(missing);
      await expect(store.get('a')).rejects.toMatchObject(missing);
      await expect(store.put('a', seeded(1), { contentType: 'text/plain' })).rejects.toMatchObject(missing);
      await expect(store.list({})).rejects.toMatchObject(missing);
      await expect(store.delete(['a'])).rejects.toMatchObject(missing);
      await expect(store.check()).rejects.toMatchObject(missing);
    });

    test('refuses a signed URL whose signature, headers or time were changed', async () => {
      const store = await open();
      const request = await store.presignPut?.('a', { contentType: 'image/png', bytes: 3, expiresInSeconds: 60 });
      if (request === undefined) throw new Error('This store signs.');
      const put = (url: string, headers: Record<string, string>): Promise<Response> => fetch(url, { method: 'PUT', headers, body: 'abc' });
      const { 'x-goog-if-generation-match': _, ...overwriting } = request.headers;
      expect((await put(request.url, overwriting)).status).toBe(403);
      expect((await put(request.url.replace(/Signature=../, 'Signature=00'), request.headers)).status).toBe(403);
      expect((await put(request.url.replace('Expires=60', 'Expires=600'), request.headers)).status).toBe(403);
      expect((await put(request.url, { ...request.headers, 'x-goog-acl': 'public-read' })).status).toBe(403);
      expect((await put(request.url, request.headers)).status).toBe(200);
    });
  });
});
