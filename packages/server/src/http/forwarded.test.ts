import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { createTrust, originOf, parseForwarded } from './forwarded.ts';

test.each([
  ['proto=https;host=media.example', { protocol: 'https', host: 'media.example' }],
  ['For="[2001:db8::17]:4711"; Proto=HTTPS ; Host="media.example:8443"', { protocol: 'https', host: 'media.example:8443' }],
  // Only the last element is from the nearest proxy; the others came with the request.
  ['proto=https;host=evil.example, for=192.0.2.1;proto=http', { protocol: 'http' }],
  ['for="a,b;proto=https";host=media.example', { host: 'media.example' }],
  // An unclosed quote of the client hides nothing that a proxy appends.
  ['for=", proto=https;host=media.example', { protocol: 'https', host: 'media.example' }],
  ['for="a\\", b";host=media.example', { host: 'media.example' }],
  ['host="media.example/path?x"', {}],
  ['host=evil.example\u00e9, ', {}],
  ['proto=javascript;host="a b"', {}],
  ['', {}],
])('Forwarded: %s', (header, said) => {
  expect(parseForwarded(header)).toEqual(said);
});

test('proxies are trusted by address and by range, in both families', () => {
  const trusts = createTrust(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1', '::1']) expect(trusts(address)).toBe(true);
  for (const address of ['11.1.2.3', '192.0.2.8', 'fe80::1', undefined, 'nonsense']) expect(trusts(address)).toBe(false);
  expect(createTrust([])('127.0.0.1')).toBe(false);
});

test('forwarded headers are believed from trusted proxies and from nobody else', async () => {
  const trustedProxies = ['10.0.0.1'];
  const trusts = createTrust(trustedProxies);
  const app = fastify({ trustProxy: trustedProxies });
  onTestFinished(async () => await app.close());
  app.route({ method: 'GET', url: '/', handler: async (request) => originOf(request, trusts) });
  const asked = async (remoteAddress: string, headers: Record<string, string>): Promise<string> =>
    (await app.inject({ url: '/', remoteAddress, headers: { host: 'inside:4700', ...headers } })).body;
  const forwarded = { forwarded: 'proto=https;host=media.example' };
  const older = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'older.example' };
  expect(await asked('10.0.0.1', forwarded)).toBe('https://media.example');
  expect(await asked('10.0.0.1', older)).toBe('https://older.example');
  expect(await asked('10.0.0.1', { ...forwarded, ...older })).toBe('https://media.example');
  expect(await asked('10.0.0.1', {})).toBe('http://inside:4700');
  expect(await asked('10.0.0.2', { ...forwarded, ...older })).toBe('http://inside:4700');
});
