import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';

import { startProvider, whyNoProvider } from '../../../test/support/provider.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { loadConfig } from '../../config.ts';
import { openS3Store } from '../../storage/s3/open-s3-store.ts';
import type { S3StoreConfig } from '../../storage/s3/s3-store-config.ts';
import { checkStore } from './check-store.ts';

const root = path.resolve(import.meta.dirname, '../../../../..');
const { signal } = new AbortController();

test.each(['s3', 'azure', 'gcs'] as const)('the doctor tests %s for real, signed URLs too, and leaves nothing there', async (kind) => {
  const reason = whyNoProvider(kind);
  if (reason !== null) return void process.stdout.write(`skipped: ${reason}\n`);
  const provider = await startProvider(kind);
  try {
    const saved = { ...process.env };
    // This variable makes the SDK ask for credentials there.
    Object.assign(process.env, provider.env);
    try {
      const { stores } = await loadConfig({ ...provider.env, SAFELIGHT_DATA_DIR: await temporaryDirectory() }, root);
      for (const store of stores)
        expect(await checkStore(store, { signal })).toEqual([
          expect.objectContaining({ result: 'ok', detail: expect.stringContaining('put by a signed URL') }),
        ]);
    } finally {
      for (const name of Object.keys(provider.env)) delete process.env[name];
      Object.assign(process.env, saved);
    }
    expect((await provider.final?.list({}))?.objects).toEqual([]);
  } finally {
    await provider.stop();
  }
});

/** A bucket of its own that refuses what the policy denies, and a way to reach it. */
async function bucketUnder(statement: object): Promise<{ config: S3StoreConfig; stop(): Promise<void> }> {
  const provider = await startProvider('s3');
  const { S3_BUCKET: location = '', AWS_ENDPOINT_URL_S3: endpoint = '' } = provider.env;
  const credentials = { accessKeyId: provider.env['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: provider.env['AWS_SECRET_ACCESS_KEY'] ?? '' };
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  const Resource = [`arn:aws:s3:::${location}`, `arn:aws:s3:::${location}/*`];
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: '*', ...statement, Resource }] };
  await client.send(new PutBucketPolicyCommand({ Bucket: location, Policy: JSON.stringify(policy) }));
  client.destroy();
  return { config: { provider: 's3', executionTarget: 'emulator', location, region: 'us-east-1', endpoint, credentials }, stop: provider.stop };
}

test('the permissions that docs/storage.md lists are enough, for parts as well', async () => {
  const reason = whyNoProvider('s3');
  if (reason !== null) return void process.stdout.write(`skipped: ${reason}\n`);
  const documented = /```json\n(\{\n {2}"Version"[^`]+)```/.exec(await readFile(path.join(root, 'docs/storage.md'), 'utf8'))?.[1] ?? '';
  const { Statement } = JSON.parse(documented) as { Statement: { Action: string[] }[] };
  const { config, stop } = await bucketUnder({ NotAction: Statement.flatMap(({ Action }) => Action) });
  try {
    expect(await checkStore(config, { signal })).toEqual([expect.objectContaining({ result: 'ok' })]);
    const store = await openS3Store(config);
    expect(await store.put('long', Buffer.alloc(70_000_000), { contentType: 'video/mp4', ifAbsent: true })).toMatchObject({ bytes: 70_000_000 });
    const uploadId = (await store.multipart?.create('parts', { contentType: 'video/mp4' })) ?? '';
    await store.multipart?.putPart('parts', uploadId, 1, Buffer.from('part'), { bytes: 4 });
    expect(await store.multipart?.listParts('parts', uploadId)).toHaveLength(1);
    await store.multipart?.abortAll('parts');
    expect(await store.multipart?.listParts('parts', uploadId)).toBeNull();
    await store.copy('long', 'copied');
    expect(await store.delete(['long', 'copied'])).toMatchObject({ failed: [] });
    await store.close();
  } finally {
    await stop();
  }
});

test.each([
  ['s3:PutObject', 'writing'],
  ['s3:GetObject', 'reading'],
  ['s3:ListBucket', 'listing'],
  ['s3:DeleteObject', 'deleting'],
])('the doctor names the step that a bucket without %s refuses, and the permission', async (action, step) => {
  const reason = whyNoProvider('s3');
  if (reason !== null) return void process.stdout.write(`skipped: ${reason}\n`);
  const { config, stop } = await bucketUnder({ Action: [action] });
  try {
    expect(await checkStore(config, { signal })).toEqual([
      expect.objectContaining({ result: 'failed', detail: expect.stringMatching(new RegExp(`^${step} failed: `)), fix: expect.stringContaining(action) }),
    ]);
  } finally {
    await stop();
  }
});
