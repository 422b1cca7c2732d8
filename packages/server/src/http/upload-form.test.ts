import type { IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

import fastify from 'fastify';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import { silenceMs } from '../uploads/chunks-of.ts';
import { drainForm, readUploadForm } from './upload-form.ts';

type Read = { bytes: number; failure: unknown };

/** Reads forms with one file each, and says how it ended. `slowly` leaves the bytes waiting until it is told to go on. */
async function reading(options: { headers?: string; until?: Promise<void> } = {}) {
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  const begun = Promise.withResolvers<IncomingMessage>();
  const ended = Promise.withResolvers<Read>();
  app.route({
    method: 'POST',
    url: '/',
    handler: async (request) => {
      const read: Read = { bytes: 0, failure: null };
      await readUploadForm(request, async (file) => {
        begun.resolve(request.raw);
        await options.until;
        for await (const chunk of file.body) read.bytes += (chunk as Buffer).length;
      }).catch((error: unknown) => (read.failure = error));
      ended.resolve(read);
      return {};
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => await app.close());
  const client: Socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  client.on('error', () => undefined).resume();
  const beginning =
    '--b\r\ncontent-disposition: form-data; name="collection"\r\n\r\nx\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n';
  client.write(
    `POST / HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=b\r\n${options.headers ?? ''}content-length: 10000000\r\n\r\n${beginning}`,
  );
  return { client, begun: begun.promise, ended: ended.promise };
}

const fakeTimers = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
afterEach(() => void vi.useRealTimers());

describe('a form whose client falls silent', () => {
  test.each(['', 'idempotency-key: k\r\n'])('is given up after half a minute, in the middle of a file (%j)', async (headers) => {
    fakeTimers();
    const { client, begun, ended } = await reading({ headers });
    client.write('some bytes of the file');
    await begun;
    vi.advanceTimersByTime(silenceMs);
    expect((await ended).failure).toMatchObject({ code: 'upload_incomplete', detail: expect.stringContaining('30 seconds') });
  });

  test('is not given up while it is we who keep its bytes waiting', async () => {
    fakeTimers();
    const goOn = Promise.withResolvers<void>();
    const { client, begun, ended } = await reading({ until: goOn.promise });
    // More than all buffers on the way hold.
    client.write(Buffer.alloc(9_000_000));
    const request = await begun;
    await expect.poll(() => request.isPaused()).toBe(true);
    vi.advanceTimersByTime(silenceMs * 3);
    goOn.resolve();
    await expect.poll(() => client.writableLength).toBe(0);
    client.destroy();
    const { bytes, failure } = await ended;
    expect(failure).toMatchObject({ detail: expect.stringContaining('cut') });
    expect(bytes).toBeGreaterThan(0);
  });
});

test('a form that takes for ever is given up before its lease has passed', async () => {
  fakeTimers();
  const goOn = Promise.withResolvers<void>();
  const { client, begun, ended } = await reading({ until: goOn.promise });
  client.write(Buffer.alloc(9_000_000));
  const request = await begun;
  await expect.poll(() => request.isPaused()).toBe(true);
  vi.advanceTimersByTime(5 * 3_600_000);
  goOn.resolve();
  expect((await ended).failure).toMatchObject({ code: 'upload_incomplete', detail: expect.stringContaining('too long') });
});

test('a form whose connection is cut fails its reader, with an Idempotency-Key as well', async () => {
  const { client, begun, ended } = await reading({ headers: 'idempotency-key: k\r\n' });
  client.write('some bytes of the file');
  await begun;
  client.destroy();
  expect((await ended).failure).toMatchObject({ code: expect.stringMatching(/upload_incomplete|invalid_request/) });
});

test('a form that is read only to be compared may bring files of any size before it says where they belong, or never say it', async () => {
  const app = fastify({ bodyLimit: 1e9 });
  app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  app.route({ method: 'POST', url: '/', handler: async (request) => ({ fingerprint: await drainForm(request) }) });
  onTestFinished(async () => await app.close());
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const form = new FormData();
  form.append('file', new Blob([Buffer.alloc(65 * 2 ** 20)]), 'a.bin');
  const answer = await fetch(origin, { method: 'POST', body: form, headers: { 'idempotency-key': 'k' } });
  expect([answer.status, await answer.json()]).toEqual([200, { fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
});
