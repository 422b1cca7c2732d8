import { once } from 'node:events';
import { createServer } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { takeAddress } from './take-address.ts';

test('a free port is known before its server listens, and reserved until then', async () => {
  const { url, listen, release } = await takeAddress('127.0.0.1', 0);
  expect(url).toBe(`http://127.0.0.1:${listen.port}`);
  expect(listen.port).toBeGreaterThan(0);
  const stranger = createServer().listen({ host: listen.host, port: listen.port });
  if (process.platform === 'linux') expect(await once(stranger, 'error')).toMatchObject([{ code: 'EADDRINUSE' }]);
  const server = createServer().listen(listen);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  release();
  expect(server.address()).toMatchObject({ port: listen.port });
});

test.each([
  ['0.0.0.0', 'http://127.0.0.1:8080'],
  ['::1', 'http://[::1]:8080'],
  ['example.org', 'http://example.org:8080'],
])('a server on %s is reached at %s from here', async (host, url) => {
  expect(await takeAddress(host, 8080)).toMatchObject({ url, listen: { host, port: 8080 } });
});
