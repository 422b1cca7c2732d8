import { createHmac, createVerify, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';

import { signCdnURL, type Cdn } from './sign-cdn-url.ts';

const file = { key: 'media/ada/1/a b.pdf', disposition: 'attachment', mimeType: 'application/pdf', fileName: 'Größe, “1”.pdf' } as const;
const times = { now: new Date(1_800_000_000_000), expiresAt: new Date(1_800_000_600_000) };
const cdn = (kind: Cdn['kind'], secret = 'hunter2'): Cdn => ({ kind, baseURL: 'https://cdn.example/sold', store: 's3:sold', keyId: 'K1', secret });
const path = '/sold/media/ada/1/a%20b.pdf';

test('Cloudflare verifies the path and the time of signing', () => {
  const url = new URL(signCdnURL(cdn('cloudflare'), file, times));
  const [at, mac] = (url.searchParams.get('verify') ?? '').split(/-(.*)/s);
  expect([url.pathname, at, mac]).toEqual([path, '1800000000', createHmac('sha256', 'hunter2').update(`${path}1800000000`).digest('base64')]);
});

test('Bunny verifies the decoded path and its expiry, as in the example of its own signers', () => {
  const example = { ...cdn('bunny', 'SecurityKey'), baseURL: 'https://token-tester.b-cdn.net' };
  const [at, jpeg] = [
    { now: new Date(0), expiresAt: new Date(1_598_024_587_000) },
    { ...file, key: '300kb.jpg' },
  ];
  expect(signCdnURL(example, jpeg, at)).toBe(
    'https://token-tester.b-cdn.net/300kb.jpg?token=HS256-o10JRWlsAItyAsdKS6jJKjabHN4FrFsplDHPV1idcX4&expires=1598024587',
  );
  const token = createHmac('sha256', 'hunter2').update('/sold/media/ada/1/a b.pdf1800000600').digest('base64url');
  expect(signCdnURL(cdn('bunny'), file, times)).toBe(`https://cdn.example${path}?token=HS256-${token}&expires=1800000600`);
});

test('CloudFront verifies a canned policy over the whole URL, which names the headers of the answer', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const url = signCdnURL(cdn('cloudfront', pem), file, times);
  const [resource = '', rest = ''] = url.split(/&Expires=(.*)/s);
  const { searchParams } = new URL(`${resource}&Expires=${rest}`);
  expect(searchParams.get('response-content-disposition')).toContain("filename*=UTF-8''Gr%C3%B6%C3%9Fe%2C%20%E2%80%9C1%E2%80%9D.pdf");
  expect([searchParams.get('Key-Pair-Id'), searchParams.get('Expires')]).toEqual(['K1', '1800000600']);
  const signature = (searchParams.get('Signature') ?? '').replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  const policy = `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":1800000600}}}]}`;
  expect(createVerify('RSA-SHA1').update(policy).verify(publicKey, signature, 'base64')).toBe(true);
});
