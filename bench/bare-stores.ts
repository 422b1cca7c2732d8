import { fork } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';

import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import { JWT } from 'google-auth-library';

import type { StoreConfig } from '../packages/server/src/storage/store-config.ts';
import { startAzurite } from '../packages/server/test/support/azurite.ts';
import { startRadosgw, whyNoRadosgw } from '../packages/server/test/support/radosgw.ts';

export type Bare = { put(key: string, bytes: Buffer): Promise<unknown>; get(key: string): Promise<Readable> };
export type Contest = { name: string; config: StoreConfig; bare: Bare; stop(): Promise<unknown> };

export const type = 'application/octet-stream';

/** What a careful user of an SDK does as well: the digest that is stored, and the provider's own checksum. S3's client adds the latter by itself. */
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Write, sync, rename: the minimum that keeps an object intact over a crash. */
export async function bareFiles(directory: string): Promise<Contest> {
  const [root, floor] = [path.join(directory, 'objects'), path.join(directory, 'floor')];
  await mkdir(path.join(floor, 'bench'), { recursive: true });
  return {
    name: 'filesystem',
    config: { provider: 'filesystem', location: 'bench', root },
    bare: {
      async put(key, bytes) {
        const file = await open(path.join(floor, `${key}.part`), 'w');
        const written = file.writeFile(bytes);
        sha256(bytes);
        await written;
        await file.datasync();
        await file.close();
        await rename(path.join(floor, `${key}.part`), path.join(floor, key));
        const parent = await open(path.join(floor, 'bench'), 'r');
        await parent.sync();
        await parent.close();
      },
      get: async (key) => createReadStream(path.join(floor, key)),
    },
    stop: async () => undefined,
  };
}

/** Why it cannot be measured here, if it cannot. */
export async function bareS3(): Promise<Contest | string> {
  const reason = whyNoRadosgw();
  if (reason !== null) return `S3. ${reason}`;
  const { endpoint, credentials, stop } = await startRadosgw();
  const location = `bench-${randomUUID()}`;
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: location }));
  return {
    name: 's3 (radosgw)',
    config: { provider: 's3', executionTarget: 'emulator', location, region: 'us-east-1', endpoint, credentials },
    bare: {
      put: (Key, Body) => client.send(new PutObjectCommand({ Bucket: location, Key, Body, ContentType: type })),
      get: async (Key) => (await client.send(new GetObjectCommand({ Bucket: location, Key }))).Body as Readable,
    },
    stop,
  };
}

export async function bareAzure(): Promise<Contest> {
  const { connectionString, stop } = await startAzurite();
  const location = `bench-${randomUUID()}`;
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(location);
  await container.create();
  return {
    name: 'azure (Azurite)',
    config: { provider: 'azure', executionTarget: 'emulator', location, connectionString },
    bare: {
      put: (key, bytes) =>
        container.getBlockBlobClient(key).upload(bytes, bytes.length, {
          blobHTTPHeaders: { blobContentType: type },
          transactionalContentMD5: createHash('md5').update(bytes).digest(),
          metadata: { sha256: sha256(bytes) },
        }),
      get: async (key) => (await container.getBlockBlobClient(key).download()).readableStreamBody as Readable,
    },
    stop,
  };
}

export async function bareGoogle(): Promise<Contest> {
  const location = `bench-${randomUUID()}`;
  const server = fork(path.join(import.meta.dirname, 'google-server.ts'), [location]);
  const [{ endpoint, serviceAccountJson }] = (await once(server, 'message')) as [{ endpoint: string; serviceAccountJson: string }];
  const account = JSON.parse(serviceAccountJson) as { client_email: string; private_key: string };
  const authClient = new JWT({ email: account.client_email, key: account.private_key, scopes: ['https://www.googleapis.com/auth/devstorage.read_write'] });
  const bucket = new Storage({ apiEndpoint: endpoint, authClient }).bucket(location);
  return {
    name: 'gcs (stub)',
    config: { provider: 'gcs', executionTarget: 'emulator', location, endpoint, serviceAccountJson },
    bare: {
      put: (key, bytes) =>
        bucket.file(key).save(bytes, { resumable: false, validation: 'md5', metadata: { contentType: type, metadata: { sha256: sha256(bytes) } } }),
      // The client adds eleven listeners to each answer, and Node would print a warning for every read.
      get: async (key) =>
        bucket
          .file(key)
          .createReadStream({ validation: false })
          .on('response', (answer: Readable) => answer.setMaxListeners(20)),
    },
    stop: async () => server.disconnect(),
  };
}
