import path from 'node:path';

import { DeleteBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';

import { startProvider, whyNoProvider } from '../../../test/support/provider.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { loadConfig } from '../../config.ts';
import { checkStore } from './check-store.ts';

const root = path.resolve(import.meta.dirname, '../../../../..');
const { signal } = new AbortController();

test.each(['s3', 'azure', 'gcs'] as const)('the doctor tests %s for real, signed URLs too, and leaves nothing there', async (kind) => {
  const reason = whyNoProvider(kind);
  if (reason !== null) return void process.stdout.write(`skipped: ${reason}\n`);
  const provider = await startProvider(kind);
  try {
    const saved = { ...process.env };
    // The credentials of the SDK's own chain are asked for there.
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

test.each([
  ['s3:PutObject', 'writing'],
  ['s3:GetObject', 'reading'],
  ['s3:ListBucket', 'listing'],
  ['s3:DeleteObject', 'deleting'],
])('the doctor names the step that a bucket without %s refuses, and the permission', async (action, step) => {
  const reason = whyNoProvider('s3');
  if (reason !== null) return void process.stdout.write(`skipped: ${reason}\n`);
  const provider = await startProvider('s3');
  const {
    S3_BUCKET: Bucket = '',
    AWS_ENDPOINT_URL_S3: endpoint = '',
    AWS_ACCESS_KEY_ID: accessKeyId = '',
    AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
  } = provider.env;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  try {
    const resources = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`];
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: '*', Action: [action], Resource: resources }] };
    await client.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) }));
    const found = await checkStore({ provider: 's3', executionTarget: 'emulator', location: Bucket, endpoint, credentials }, { signal });
    expect(found).toEqual([
      expect.objectContaining({ result: 'failed', detail: expect.stringMatching(new RegExp(`^${step} failed: `)), fix: expect.stringContaining(action) }),
    ]);
    await client.send(new DeleteBucketPolicyCommand({ Bucket }));
  } finally {
    client.destroy();
    await provider.stop();
  }
});
