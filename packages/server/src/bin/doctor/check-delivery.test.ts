import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';

import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { loadConfig, type Config } from '../../config.ts';
import { checkDelivery } from './check-delivery.ts';

const loaded = await loadConfig({ SAFELIGHT_DATA_DIR: await temporaryDirectory() }, import.meta.dirname.replace(/\/packages\/server\/.*$/, ''));
const find = (delivery: 'proxy' | 'redirect' | 'accelerated' | 'cdn', cdn: Config['cdn'] = null) =>
  checkDelivery({ ...loaded, cdn, collections: new Map([...loaded.collections].map(([name, collection]) => [name, { ...collection, delivery }])) });
const cdn = (more: Partial<NonNullable<Config['cdn']>>): Config['cdn'] => ({
  kind: 'nginx-secure-link',
  baseURL: 'https://cdn.example',
  store: 'filesystem:objects',
  keyId: 'K1',
  secret: 'x'.repeat(32),
  ...more,
});

test('download limits of sold files are exact through Safelight and the web server in front of it, and only a hint elsewhere', () => {
  for (const mode of ['proxy', 'accelerated'] as const)
    expect(find(mode)).toEqual([{ check: 'delivery', result: 'ok', detail: expect.stringContaining('exact: product.files') }]);
  for (const mode of ['redirect', 'cdn'] as const)
    expect(find(mode)[0]).toMatchObject({ result: 'warning', detail: expect.stringContaining('product.files'), fix: expect.stringContaining('"proxy"') });
});

test('the signing key of a CDN is tested before a buyer is redirected there', () => {
  const pem = (type: 'rsa' | 'ed25519') =>
    (type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const last = (of: Config['cdn']) => find('cdn', of).at(-1);
  expect(last(cdn({}))).toMatchObject({ check: 'cdn', result: 'ok' });
  expect(last(cdn({ kind: 'cloudfront', secret: pem('rsa') }))).toMatchObject({ result: 'ok', detail: expect.stringContaining('2048') });
  expect(last(cdn({ kind: 'cloudfront', secret: pem('ed25519') }))).toMatchObject({ result: 'failed' });
  expect(last(cdn({ kind: 'cloudfront' }))).toMatchObject({ result: 'failed', fix: expect.stringContaining('PEM') });
  expect(last(cdn({ secret: 'short' }))).toMatchObject({ result: 'warning', detail: expect.stringContaining('5 characters') });
  expect(last(cdn({ baseURL: 'http://cdn.example' }))).toMatchObject({ result: 'warning' });
  for (const kind of ['cloudflare', 'bunny'] as const)
    expect(last(cdn({ kind }))).toMatchObject({ result: 'warning', detail: expect.stringContaining('name') });
});
