import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFaultProxy } from '../../../test/support/fault-proxy.ts';
import { startRadosgw, whyNoRadosgw, type Radosgw } from '../../../test/support/radosgw.ts';
import { everyKey, seeded } from '../conformance-objects.ts';
import { faultConformance } from '../fault-conformance.ts';
import { storeConformance } from '../store-conformance.ts';
import type { Store } from '../store.ts';
import { openS3Store } from './open-s3-store.ts';
import type { S3StoreConfig } from './s3-store-config.ts';

const reason = whyNoRadosgw();
let gateway: Radosgw;
let faulty: S3StoreConfig;

async function bucketOf(gate: Radosgw): Promise<S3StoreConfig> {
  const bucket = `safelight-${randomUUID()}`;
  const client = new S3Client({ endpoint: gate.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: gate.credentials });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return { provider: 's3', executionTarget: 'emulator', location: bucket, region: 'us-east-1', endpoint: gate.endpoint, credentials: gate.credentials };
}

describe.skipIf(reason !== null)(`S3 on radosgw${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  beforeAll(async () => {
    gateway = await startRadosgw();
    faulty = await bucketOf(gateway);
  });
  afterAll(async () => {
    await gateway?.stop();
  });

  storeConformance('the S3 store', async () => openS3Store(await bucketOf(gateway)));

  faultConformance('the S3 store', () => ({
    proxy: (fault) => startFaultProxy(gateway.endpoint, fault),
    open: async (endpoint, idleTimeoutMs) => openS3Store({ ...faulty, endpoint, idleTimeoutMs }),
    requests: { put: /^PUT \/\S+\/faults\//, endOfLongPut: /^POST \/\S+uploadId=/, complete: /^POST \/\S+uploadId=/ },
  }));

  describe('the S3 store', () => {
    const open = async (changes: Partial<S3StoreConfig> = {}): Promise<Store> => openS3Store({ ...(await bucketOf(gateway)), ...changes });

    test('leaves no unfinished multipart upload if a long put fails', async () => {
      const store = await open();
      const put = store.put('long', seeded(70_000_000), { contentType: 'video/mp4', sha256: '0'.repeat(64) });
      await expect(put).rejects.toMatchObject({ code: 'checksum_mismatch' });
      expect(await everyKey(store, '')).toEqual([]);
      await store.close();
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
      await store.close();
    });

    test('says that its credentials are wrong', async () => {
      const store = await open({ credentials: { accessKeyId: 'testkey', secretAccessKey: 'wrong' } });
      await expect(store.check()).rejects.toMatchObject({ code: 'storage_unavailable', message: expect.stringMatching(/credentials/) });
      await store.close();
    });
  });
});
