import { describe, expect, test } from 'vitest';
import { parseAzureUrl } from './azure/parse-azure-url.ts';
import { parseGcsUrl } from './gcs/parse-gcs-url.ts';
import { parseS3Url } from './s3/parse-s3-url.ts';
import type { S3StoreConfig } from './s3/s3-store-config.ts';

const aws: S3StoreConfig = {
  provider: 's3',
  executionTarget: 'cloud',
  location: 'photos.example',
  region: 'us-east-1',
  publicBaseUrl: 'https://cdn.example.com/media',
};
const own: S3StoreConfig = { ...aws, endpoint: 'https://s3.example.net:9000/gateway' };

describe('legacy URLs of S3', () => {
  test.each([
    ['https://photos.example.s3.amazonaws.com/a/b.png', 'a/b.png'],
    ['https://photos.example.s3.eu-west-1.amazonaws.com/a/b.png', 'a/b.png'],
    ['https://photos.example.s3-eu-west-1.amazonaws.com/a/b.png', 'a/b.png'],
    ['https://photos.example.s3.dualstack.eu-west-1.amazonaws.com/a/b.png', 'a/b.png'],
    ['https://photos.example.s3-accelerate.amazonaws.com/a/b.png', 'a/b.png'],
    ['https://photos.example.s3.cn-north-1.amazonaws.com.cn/a/b.png', 'a/b.png'],
    ['https://s3.eu-west-1.amazonaws.com/photos.example/a/b.png', 'a/b.png'],
    ['https://s3.amazonaws.com/photos.example/a/b.png', 'a/b.png'],
    ['http://s3.amazonaws.com/photos.example/a/b.png', 'a/b.png'],
    ['https://photos.example.s3.amazonaws.com/a%20b/%C3%BC%2B+%2525.png?X-Amz-Signature=x&versionId=1#part', 'a b/ü++%25.png'],
    ['https://cdn.example.com/media/a/b.png?w=100', 'a/b.png'],
    ['s3://photos.example/a/b.png', 'a/b.png'],
  ])('%s', (url, key) => {
    expect(parseS3Url(aws, new URL(url))).toBe(key);
  });

  test.each([
    'https://other.s3.amazonaws.com/a/b.png',
    'https://s3.amazonaws.com/other/a/b.png',
    'https://s3.amazonaws.com/photos.example',
    'https://photos.example.s3.amazonaws.com/',
    'https://photos.example.s3.amazonaws.com.evil.com/a.png',
    'https://evil-s3.amazonaws.com/photos.example/a.png',
    'https://cdn.example.com/media2/a.png',
    'https://cdn.example.com/a.png',
    'https://photos.example.s3.amazonaws.com/%E0%A4%A',
    'ftp://photos.example.s3.amazonaws.com/a.png',
    's3://other/a.png',
  ])('not %s', (url) => {
    expect(parseS3Url(aws, new URL(url))).toBeNull();
  });

  test('at a custom endpoint, in the path or the host name', () => {
    expect(parseS3Url(own, new URL('https://s3.example.net:9000/gateway/photos.example/a/b.png'))).toBe('a/b.png');
    expect(parseS3Url(own, new URL('https://photos.example.s3.example.net:9000/a/b.png'))).toBe('a/b.png');
    expect(parseS3Url(own, new URL('https://s3.example.net:9000/photos.example/a/b.png'))).toBeNull();
    expect(parseS3Url(own, new URL('https://s3.example.net/gateway/photos.example/a/b.png'))).toBeNull();
    expect(parseS3Url(own, new URL('https://photos.example.s3.amazonaws.com/a/b.png'))).toBeNull();
  });
});

describe('legacy URLs of Azure', () => {
  const container = 'https://account.blob.core.windows.net/photos';
  test.each([
    ['https://account.blob.core.windows.net/photos/a/b.png', 'a/b.png'],
    ['http://account.blob.core.windows.net/photos/a/b.png', 'a/b.png'],
    ['https://account.blob.core.windows.net/photos/a%20b%2Bc.png?sv=2024-11-04&sig=x%2By&se=2030', 'a b+c.png'],
    ['https://cdn.example.com/a/b.png', 'a/b.png'],
  ])('%s', (url, key) => {
    expect(parseAzureUrl(container, 'https://cdn.example.com', new URL(url))).toBe(key);
  });

  test.each([
    'https://account.blob.core.windows.net/photos2/a.png',
    'https://other.blob.core.windows.net/photos/a.png',
    'https://account.blob.core.windows.net/photos',
  ])('not %s', (url) => {
    expect(parseAzureUrl(container, undefined, new URL(url))).toBeNull();
  });

  test('of an emulator, with the account in the path', () => {
    const emulated = 'http://127.0.0.1:10000/devstoreaccount1/photos';
    expect(parseAzureUrl(emulated, undefined, new URL('http://127.0.0.1:10000/devstoreaccount1/photos/a.png'))).toBe('a.png');
    expect(parseAzureUrl(emulated, undefined, new URL('http://127.0.0.1:10001/devstoreaccount1/photos/a.png'))).toBeNull();
  });
});

describe('legacy URLs of Google', () => {
  const config = { location: 'photos', publicBaseUrl: 'https://cdn.example.com/' };
  test.each([
    ['https://storage.googleapis.com/photos/a/b.png', 'a/b.png'],
    ['https://storage.cloud.google.com/photos/a/b.png', 'a/b.png'],
    ['https://photos.storage.googleapis.com/a/b.png?X-Goog-Signature=x', 'a/b.png'],
    ['https://commondatastorage.googleapis.com/photos/a/b.png', 'a/b.png'],
    ['https://storage.googleapis.com/download/storage/v1/b/photos/o/a%2Fb%20c.png?alt=media&generation=1', 'a/b c.png'],
    ['https://www.googleapis.com/storage/v1/b/photos/o/a%2Fb.png', 'a/b.png'],
    ['https://firebasestorage.googleapis.com/v0/b/photos/o/a%2Fb.png?alt=media&token=x', 'a/b.png'],
    ['https://cdn.example.com/a/b.png', 'a/b.png'],
    ['gs://photos/a/b.png', 'a/b.png'],
  ])('%s', (url, key) => {
    expect(parseGcsUrl(config, new URL(url))).toBe(key);
  });

  test.each([
    'https://storage.googleapis.com/other/a.png',
    'https://other.storage.googleapis.com/a.png',
    'https://storage.googleapis.com/photos',
    'gs://other/a.png',
    'https://example.com/photos/a.png',
  ])('not %s', (url) => {
    expect(parseGcsUrl(config, new URL(url))).toBeNull();
  });

  test('of an emulator', () => {
    const emulated = { location: 'photos', endpoint: 'http://127.0.0.1:4443' };
    expect(parseGcsUrl(emulated, new URL('http://127.0.0.1:4443/photos/a.png'))).toBe('a.png');
    expect(parseGcsUrl(emulated, new URL('http://127.0.0.1:4443/storage/v1/b/photos/o/a%2Fb.png'))).toBe('a/b.png');
    expect(parseGcsUrl(emulated, new URL('https://storage.googleapis.com/photos/a.png'))).toBeNull();
  });
});
