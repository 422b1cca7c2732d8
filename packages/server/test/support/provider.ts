import { randomUUID } from 'node:crypto';

import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';

import { openAzureStore } from '../../src/storage/azure/open-azure-store.ts';
import { openGcsStore } from '../../src/storage/gcs/open-gcs-store.ts';
import { openS3Store } from '../../src/storage/s3/open-s3-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { startAzurite } from './azurite.ts';
import { startGcsStub } from './gcs-stub.ts';
import { startRadosgw, whyNoRadosgw } from './radosgw.ts';

export const providerKinds = ['s3', 'azure', 'gcs', 'mocked'] as const;
export type ProviderKind = (typeof providerKinds)[number];

/** A real counterpart of a provider with new, empty stores, and the environment variables under which the product uses it. */
export type RunningProvider = {
  env: Record<string, string>;
  /** The beginning of its URLs; null if objects are in the product's own memory. */
  origin: string | null;
  /** The final store, accessed directly. */
  final: Store | null;
  /** The staging store, if it is another one. */
  staging: Store | null;
  stop(): Promise<void>;
};

/** Why this counterpart cannot run here; null if it can. */
export const whyNoProvider = (kind: ProviderKind): string | null => (kind === 's3' ? whyNoRadosgw() : null);

export async function startProvider(kind: ProviderKind): Promise<RunningProvider> {
  const name = `safelight-${randomUUID()}`;
  const chosen = { SAFELIGHT_STORAGE: kind, SAFELIGHT_STORAGE_TARGET: 'emulator' };
  const stopping = (stores: readonly Store[], stop: () => Promise<void>) => async (): Promise<void> => {
    for (const store of stores) await store.close();
    await stop();
  };
  switch (kind) {
    case 's3': {
      const { endpoint, credentials, stop } = await startRadosgw();
      const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
      const buckets = [name, `${name}-staging`] as const;
      for (const Bucket of buckets) await client.send(new CreateBucketCommand({ Bucket }));
      client.destroy();
      const [final, staging] = await Promise.all([
        openS3Store({ provider: 's3', executionTarget: 'emulator', location: buckets[0], region: 'us-east-1', endpoint, credentials }),
        openS3Store({ provider: 's3', executionTarget: 'emulator', location: buckets[1], region: 'us-east-1', endpoint, credentials }),
      ]);
      const env = {
        ...chosen,
        S3_BUCKET: buckets[0],
        S3_STAGING_BUCKET: buckets[1],
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      };
      return { env, origin: endpoint, final, staging, stop: stopping([final, staging], stop) };
    }
    case 'azure': {
      const { connectionString, endpoint, stop } = await startAzurite();
      await BlobServiceClient.fromConnectionString(connectionString).createContainer(name);
      const final = await openAzureStore({ provider: 'azure', executionTarget: 'emulator', location: name, connectionString });
      const env = { ...chosen, AZURE_STORAGE_CONNECTION_STRING: connectionString, AZURE_STORAGE_CONTAINER: name };
      return { env, origin: new URL(endpoint).origin, final, staging: null, stop: stopping([final], stop) };
    }
    case 'gcs': {
      const { endpoint, serviceAccountJson, createBucket, stop } = await startGcsStub();
      createBucket(name);
      const final = await openGcsStore({ provider: 'gcs', executionTarget: 'emulator', location: name, endpoint, serviceAccountJson });
      const env = { ...chosen, GCS_BUCKET: name, GCS_SERVICE_ACCOUNT_JSON: serviceAccountJson, GCS_ENDPOINT_URL: endpoint };
      return { env, origin: endpoint, final, staging: null, stop: stopping([final], stop) };
    }
    case 'mocked':
      return { env: { SAFELIGHT_STORAGE: 'mocked' }, origin: null, final: null, staging: null, stop: async () => undefined };
    default:
      return kind satisfies never;
  }
}
