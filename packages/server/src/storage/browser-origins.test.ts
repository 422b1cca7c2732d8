import { expect, test } from 'vitest';

import { browserOrigins } from './browser-origins.ts';
import type { StoreConfig } from './store-config.ts';

const s3 = { provider: 's3', executionTarget: 'cloud', location: 'photos', region: 'us-east-1' } as const;
const azure = { provider: 'azure', executionTarget: 'cloud', location: 'photos' } as const;
const gcs = { provider: 'gcs', executionTarget: 'cloud', location: 'photos' } as const;

test.each<[string, StoreConfig, string[]]>([
  ['a bucket in its region', { ...s3, region: 'eu-central-1' }, ['https://photos.s3.eu-central-1.amazonaws.com']],
  ['a bucket in China', { ...s3, region: 'cn-north-1' }, ['https://photos.s3.cn-north-1.amazonaws.com.cn']],
  ['a bucket with dots', { ...s3, location: 'my.photos', region: 'eu-west-1' }, ['https://s3.eu-west-1.amazonaws.com']],
  ['an endpoint, bucket in the path', { ...s3, endpoint: 'http://127.0.0.1:9000/' }, ['http://127.0.0.1:9000']],
  ['an endpoint, bucket in the host', { ...s3, endpoint: 'https://r2.example.com', pathStyle: false }, ['https://photos.r2.example.com']],
  [
    'a CDN besides',
    { ...s3, endpoint: 'https://r2.example.com', publicBaseUrl: 'https://cdn.example.com/photos/' },
    ['https://r2.example.com', 'https://cdn.example.com'],
  ],
  [
    'an account',
    { ...azure, connectionString: 'DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=a2V5==;EndpointSuffix=core.windows.net' },
    ['https://acme.blob.core.windows.net'],
  ],
  [
    'an account’s own endpoint',
    { ...azure, connectionString: 'AccountName=dev;AccountKey=a2V5==;BlobEndpoint=http://127.0.0.1:10000/dev;' },
    ['http://127.0.0.1:10000'],
  ],
  ['Google', gcs, ['https://storage.googleapis.com']],
  ['an emulator of Google', { ...gcs, executionTarget: 'emulator', endpoint: 'http://127.0.0.1:4443' }, ['http://127.0.0.1:4443']],
  ['a directory', { provider: 'filesystem', location: 'data', root: 'data' }, []],
])('%s', (_name, config, origins) => {
  expect(browserOrigins(config)).toEqual(origins);
});
