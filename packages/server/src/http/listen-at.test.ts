import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { createMetrics, type Metrics } from './metrics.ts';
import { bareApp } from './bare-app.ts';
import { listenAt } from './listen-at.ts';
import { serveMetrics } from './serve-metrics.ts';
import { takeAddress } from './take-address.ts';

const { log } = fastify();
/** Linux answers on all of 127/8; elsewhere, and where there is no IPv6, there is only one address to try. */
const addresses = process.platform === 'linux' ? ['127.0.0.1', '127.0.0.2'] : ['127.0.0.1'];

function open(host: string, port: number, bytes: string): Socket {
  const socket = connect(port, host);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined).write(bytes);
  return socket;
}

async function listening() {
  const app = bareApp(log, { forceCloseConnections: 'idle' });
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  app.get('/late', async () => {
    asked.resolve();
    return await answer.promise;
  });
  onTestFinished(async () => await app.close());
  await listenAt(app, { host: 'localhost', port: 0 }, { addressesOf: async () => addresses });
  return { app, port: (app.server.address() as AddressInfo).port, asked: asked.promise, answer: answer.resolve };
}

const noMetrics = (): Metrics =>
  createMetrics({
    readBacklog: async () => null,
    openStreams: () => 0,
    runningJobs: () => 0,
    webhooks: () => ({}),
    decoders: () => ({ busy: 0, reservedBytes: 0 }),
  });

const odd = [
  ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n', 400],
  ['an unknown expectation', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nConnection: close\r\n\r\n', 417],
  ['a body compressed on its way', 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n', 501],
  ['a request to a proxy', 'CONNECT elsewhere:443 HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ['no HTTP', 'HELLO\r\n\r\n', 400],
] as const;

async function expectRefused(host: string, port: number, bytes: string, status: number): Promise<void> {
  const [head = '', body = ''] = (await text(open(host, port, bytes))).split('\r\n\r\n');
  expect(head, host).toMatch(new RegExp(`^HTTP/1.1 ${status} .*content-type: application/problem\\+json`, 's'));
  expect(JSON.parse(body), host).toMatchObject({ status, code: 'invalid_request', detail: expect.stringMatching(/\.$/) });
}

test.each(odd)('every address of localhost refuses what is odd in the same words: %s', async (_what, bytes, status) => {
  const { port } = await listening();
  for (const host of addresses) await expectRefused(host, port, bytes, status);
});

test.each(odd)('so does the address of the metrics: %s', async (_what, bytes, status) => {
  const app = await serveMetrics(noMetrics(), null, { host: '127.0.0.1', port: 0, log });
  onTestFinished(async () => await app.close());
  await expectRefused('127.0.0.1', (app.server.address() as AddressInfo).port, bytes, status);
});

test('a stop lets running requests of every address end, and ends idle connections', async () => {
  for (const host of addresses) {
    const { app, port, asked, answer } = await listening();
    const idle = open(host, port, '');
    const running = open(host, port, 'GET /late HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await asked;
    const stopped = app.close();
    answer('at last');
    expect(await text(running)).toMatch(/at last$/);
    expect(await text(idle)).toBe('');
    await stopped;
    const refused = Promise.withResolvers<Error>();
    open(host, port, '').on('error', refused.resolve);
    expect(await refused.promise).toMatchObject({ code: 'ECONNREFUSED' });
  }
});

test.skipIf(addresses.length === 1)('an address that cannot be had leaves the others served (needs two addresses of this machine: Linux)', async () => {
  const holder = createServer().listen({ host: addresses.at(-1), port: 0 });
  await once(holder, 'listening');
  onTestFinished(() => void holder.close());
  const { port } = holder.address() as AddressInfo;
  const app = bareApp(log, {});
  onTestFinished(async () => await app.close());
  await listenAt(app, { host: 'localhost', port }, { addressesOf: async () => addresses });
  expect(await text(open('127.0.0.1', port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'))).toMatch(/^HTTP\/1\.1 404 /);
});

test.each([
  ['a name that nobody knows', 'nowhere.invalid', 'there is no host of this name'],
  ['an address of another machine', '192.0.2.1', 'this machine has no such address'],
])('listening at %s says which setting to change', async (_, host, reason) => {
  const refused = { name: 'CannotListen', message: expect.stringContaining(reason) };
  await expect(listenAt(bareApp(log, {}), { host, port: 0 })).rejects.toMatchObject({ ...refused, message: expect.stringContaining('Set HOST or PORT') });
  await expect(takeAddress(host, 0)).rejects.toMatchObject(refused);
  await expect(serveMetrics(noMetrics(), null, { host, port: 0, log })).rejects.toMatchObject({
    message: expect.stringContaining('Set SAFELIGHT_METRICS_LISTEN'),
  });
});
