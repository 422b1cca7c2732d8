import { readdirSync, readlinkSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

import { destinationSchema } from '@safelight/contract/uploads';
import fastify, { type FastifyRequest } from 'fastify';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { silenceMs } from '../uploads/chunks-of.ts';
import { drainForm, formFingerprint, readUploadForm } from './upload-form.ts';

type Read = { bytes: number; failure: unknown };

/** Reads forms with one file each, and returns how each ended. `slowly` leaves the bytes unread until the reader is told to continue. */
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
      await readUploadForm(request, destinationSchema, async (file) => {
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

  test('is not given up while the server itself delays reading', async () => {
    fakeTimers();
    const goOn = Promise.withResolvers<void>();
    const { client, begun, ended } = await reading({ until: goOn.promise });
    // More than all buffers in between hold.
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

test('a form that takes too long is given up before its lease has expired', async () => {
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

test.each(['', 'idempotency-key: k\r\n'])('a form that ends inside a file is told to its reader in words (%j)', async (headers) => {
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  const told: unknown[] = [];
  app.route({
    method: 'POST',
    url: '/',
    handler: async (request) => {
      await readUploadForm(request, destinationSchema, async (file, _fields, inWords) => {
        try {
          for await (const _ of file.body);
        } catch (error) {
          told.push(inWords(error));
        }
      }).catch(() => undefined);
      return {};
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => await app.close());
  const body =
    '--b\r\ncontent-disposition: form-data; name="collection"\r\n\r\nx\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nsome';
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  const answered = Promise.withResolvers<void>();
  client.on('error', () => undefined).once('data', () => answered.resolve());
  client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=b\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`);
  await answered.promise;
  expect(told).toEqual([expect.objectContaining({ code: 'invalid_request' })]);
});

test('a form whose connection is cut fails its reader, also with an Idempotency-Key', async () => {
  const { client, begun, ended } = await reading({ headers: 'idempotency-key: k\r\n' });
  client.write('some bytes of the file');
  await begun;
  client.destroy();
  expect((await ended).failure).toMatchObject({ code: expect.stringMatching(/upload_incomplete|invalid_request/) });
});

test('a form that is only read for comparison may send files of any size before their destination, or without one', async () => {
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

/** An application with this form handler, and raw bytes to send to it. */
async function serving(
  handle: (request: FastifyRequest) => Promise<unknown>,
): Promise<{ origin: string; client(headers: string, body: string): Promise<Socket> }> {
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  app.route({ method: 'POST', url: '/', handler: handle });
  onTestFinished(async () => await app.close());
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    origin,
    async client(headers, body) {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => undefined);
      socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=b\r\n${headers}\r\n${body}`);
      return socket;
    },
  };
}
const field = (name: string, value: string): string => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const filePart = (name: string, bytes: string): string => `--b\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n${bytes}\r\n`;
const read = async (body: AsyncIterable<unknown>): Promise<number> => {
  let bytes = 0;
  for await (const chunk of body) bytes += (chunk as Buffer).length;
  return bytes;
};

test.each(['', 'idempotency-key: k\r\n'])('a form that was reset before anybody read it ends at once (%j)', async (headers) => {
  const [arrived, gone, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<unknown>()];
  const { client } = await serving(async (request) => {
    request.raw.once('close', gone.resolve);
    arrived.resolve();
    await gone.promise;
    await readUploadForm(request, destinationSchema, async ({ body }) => void (await read(body))).then(ended.resolve, ended.resolve);
  });
  const socket = await client(`${headers}content-length: 100000\r\n`, field('collection', 'x') + '--b');
  await arrived.promise;
  socket.resetAndDestroy();
  expect(await ended.promise).toMatchObject({ code: 'upload_incomplete' });
});

test('complete files are handed on even if the form is not complete, and its error is reported after them', async () => {
  const names: string[] = [];
  const ended = Promise.withResolvers<unknown>();
  const { client } = await serving(async (request) => {
    const form = readUploadForm(request, destinationSchema, async (file) => {
      await read(file.body);
      names.push(file.fileName);
    });
    await form.then(ended.resolve, ended.resolve);
    ended.resolve(undefined);
    expect(formFingerprint(request)).toBeNull();
    return {};
  });
  const body = `${field('collection', 'x')}${filePart('a', '1')}${filePart('b', '2')}--b\r\nbroken`;
  await client(`content-length: ${body.length}\r\n`, body);
  expect(await ended.promise).toMatchObject({ code: 'invalid_request' });
  expect(names).toEqual(['a', 'b']);
});

test('the silence of a client ends with its last byte: a minute of work on one file fails neither it nor the files after it', async () => {
  fakeTimers();
  const names: string[] = [];
  const [begun, goOn] = [Promise.withResolvers<IncomingMessage>(), Promise.withResolvers<void>()];
  const ended = Promise.withResolvers<unknown>();
  const { client } = await serving(async (request) => {
    const form = readUploadForm(request, destinationSchema, async (file) => {
      await read(file.body);
      names.push(file.fileName);
      begun.resolve(request.raw);
      await goOn.promise;
    });
    await form.then(ended.resolve, ended.resolve);
    return {};
  });
  const body = `${field('collection', 'x')}${filePart('a', '1')}${filePart('b', '2')}${filePart('c', '3')}--b--\r\n`;
  await client(`content-length: ${body.length}\r\n`, body);
  const request = await begun.promise;
  await expect.poll(() => request.complete).toBe(true);
  vi.advanceTimersByTime(silenceMs * 10);
  goOn.resolve();
  expect(await ended.promise).toBe('whole');
  expect(names).toEqual(['a', 'b', 'c']);
});

test.each([
  ['more fields', (count: number) => field(`f${count}`, '1'), 51, 'invalid_request'],
  ['more files', (count: number) => filePart(`f${count}`, '1'), 2000, 'batch_too_large'],
] as const)('%s than a form may have are refused and not dropped', async (_what, part, count, code) => {
  let files = 0;
  const ended = Promise.withResolvers<unknown>();
  const { client } = await serving(async (request) => {
    await readUploadForm(request, destinationSchema, async ({ body }) => void ((files += 1), await read(body))).then(ended.resolve, ended.resolve);
    return {};
  });
  const body = `${field('collection', 'x')}${Array.from({ length: count }, (_, index) => part(index)).join('')}--b--\r\n`;
  await client(`content-length: ${body.length}\r\n`, body);
  expect(await ended.promise).toMatchObject({ code });
  expect(files).toBe(code === 'batch_too_large' ? 1999 : 0);
});

describe.skipIf(process.platform !== 'linux')('files that waited for their fields (needs Linux, to count descriptors)', () => {
  const open = (): string[] =>
    readdirSync('/proc/self/fd').flatMap((descriptor) => {
      try {
        return [readlinkSync(`/proc/self/fd/${descriptor}`)].filter((target) => target.includes('safelight-form'));
      } catch {
        return [];
      }
    });

  test.each<[string, string, (file: { body: AsyncIterable<unknown> }, destination: () => unknown) => Promise<void>]>([
    ['whose collection never came', filePart('a', '1'), async (_file, destination) => void destination()],
    ['whose reader does not read', filePart('a', '1') + filePart('b', '2') + field('collection', 'x'), async () => undefined],
    [
      'whose reader fails in the middle',
      filePart('a', '1'.repeat(300_000)) + field('collection', 'x'),
      async ({ body }) => {
        for await (const _ of body) throw new Error('enough');
      },
    ],
    ['whose form breaks off', `${filePart('a', '1')}--b\r\ncontent-disposition: form-data; name="file"; filename="b"\r\n\r\nxx`, async () => undefined],
  ])('%s leave neither a descriptor nor a file', async (_what, parts, onFile) => {
    // Of its own: other processes' forms wait in the shared one.
    const temporary = await temporaryDirectory();
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const ended = Promise.withResolvers<unknown>();
    const { client } = await serving(async (request) => {
      await readUploadForm(request, destinationSchema, onFile).then(ended.resolve, ended.resolve);
      return {};
    });
    const body = `${parts}--b--\r\n`;
    await client(`idempotency-key: k\r\ncontent-length: ${body.length}\r\n`, body);
    await ended.promise;
    await expect.poll(open).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
