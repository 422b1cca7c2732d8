import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { describe, expect, onTestFinished, test } from 'vitest';

import { smallPicture } from './acceptance/support/pictures.ts';
import { startProduct, type Product } from './support/product.ts';

/** Stopping must not depend on what clients hold open. */
const mostStopMs = 10_000;

async function started(env: Record<string, string> = {}): Promise<Product & { dataDir: string }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'safelight-held-'));
  const product = await startProduct('start', { dataDir, env });
  onTestFinished(async () => {
    await product.stop('SIGKILL');
    await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  });
  return { ...product, dataDir };
}

/** A connection that sends this and stays open. */
function holding(product: Product, bytes: string): Socket {
  const socket = connect(Number(new URL(product.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write(bytes);
  return socket;
}

const post = (product: Product, rest: string, headers = ''): string =>
  `POST /v1/media HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${product.token}\r\ncontent-type: multipart/form-data; boundary=B\r\n${headers}content-length: 9000000\r\n\r\n${rest}`;
const collection = '--B\r\ncontent-disposition: form-data; name="collection"\r\n\r\nuser.library\r\n';
const beginning = `${collection}--B\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`;

/** Bytes now and then, for as long as anybody reads them. */
function drip(socket: Socket): Socket {
  const timer = setInterval(() => socket.write('x'), 200);
  socket.once('close', () => clearInterval(timer));
  return socket;
}

async function until(answered: () => Promise<boolean>): Promise<void> {
  await expect.poll(answered, { timeout: 20_000 }).toBe(true);
}

describe('a server that is told to stop', () => {
  test.each([
    ['nobody reads its log', 'pipe'],
    ['its log is on a full disk', '/dev/full'],
  ])('is gone within ten seconds when %s, and serves before', { timeout: 90_000 }, async (_what, log) => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'safelight-unread-'));
    onTestFinished(async () => await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }));
    const entry = path.join(import.meta.dirname, '../src/bin/safelight.ts');
    const standardError = log === 'pipe' ? 'pipe' : openSync(log, 'w');
    const child = spawn(process.execPath, ['--conditions=safelight-source', entry, 'start'], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', SAFELIGHT_LOG_LEVEL: 'trace', SAFELIGHT_DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', standardError],
    });
    if (typeof standardError === 'number') closeSync(standardError);
    onTestFinished(() => void child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const { stdout } = child;
    if (stdout === null) throw new Error('It was started with a pipe.');
    let output = '';
    stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await until(async () => /Development token/.test(output));
    const url = /is ready at (\S+)/.exec(output)?.[1] ?? '';
    // More than the buffers between them hold.
    for (let n = 0; n < 40; n++) await Promise.all(Array.from({ length: 50 }, async () => await (await fetch(`${url}/${'x'.repeat(900)}`)).arrayBuffer()));
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const asked = performance.now();
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - asked).toBeLessThan(mostStopMs);
  });

  test('exits within ten seconds, whatever clients hold open', { timeout: 90_000 }, async () => {
    const product = await started();
    const auth = { authorization: `Bearer ${product.token}` };
    holding(product, '');
    holding(product, 'GET /v1/media HTTP/1.1\r\nhost: a\r\nx-he');
    holding(product, 'POST /v1/media HTTP/1.1\r\n');
    holding(product, post(product, ''));
    holding(product, post(product, beginning));
    holding(product, post(product, beginning, `idempotency-key: ${randomUUID()}\r\n`));
    holding(product, post(product, beginning.slice(collection.length)));
    drip(holding(product, post(product, `${beginning}\xff\xd8\xff\xe0`)));
    drip(holding(product, 'GET /v1/media HTTP/1.1\r\nhost: a\r\nx-long: '));
    holding(product, `GET /v1/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${product.token}\r\n\r\n`);
    holding(product, `GET /v1/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${product.token}\r\n\r\n`).pause();
    holding(
      product,
      `POST /v1/media/upload/init HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${product.token}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"`,
    );
    const tus = await fetch(`${product.url}/v1/uploads/tus`, {
      method: 'POST',
      headers: {
        ...auth,
        'tus-resumable': '1.0.0',
        'upload-length': '5000000',
        'upload-metadata': `collection ${Buffer.from('user.library').toString('base64')}`,
      },
    });
    const location = new URL(tus.headers.get('location') ?? '').pathname;
    drip(
      holding(
        product,
        `PATCH ${location} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${product.token}\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\ncontent-length: 5000000\r\n\r\nabc`,
      ),
    );
    const form = new FormData();
    for (const [name, value] of [
      ['collection', 'brand.assets'],
      ['entityType', 'brand'],
      ['entityId', 'b'],
    ] as const)
      form.append(name, value);
    form.append('file', new Blob([Buffer.alloc(12 * 2 ** 20, 'text\n')], { type: 'text/plain' }), 'big.txt');
    const { media } = (await (await fetch(`${product.url}/v1/media`, { method: 'POST', headers: auth, body: form })).json()) as { media: { src: string } };
    const reader = holding(product, `GET ${new URL(media.src).pathname} HTTP/1.1\r\nhost: a\r\n\r\n`);
    reader.pause();
    // All of it has arrived, because connections after it are answered.
    await until(async () => (await fetch(`${product.url}/readyz`)).ok);

    const from = performance.now();
    expect(await product.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - from).toBeLessThan(mostStopMs);
    expect(product.output()).not.toContain('"level":"error"');
    expect(product.output()).not.toContain('"level":"fatal"');
  });

  test('releases the key of a form that was reset before it was read, and then stops at once', { timeout: 90_000 }, async () => {
    const product = await started();
    const keys = Array.from({ length: 30 }, () => randomUUID());
    for (const key of keys) {
      const socket = holding(product, post(product, beginning + 'x'.repeat(20_000), `idempotency-key: ${key}\r\n`));
      await new Promise<void>((resolve) => socket.once('connect', () => setImmediate(resolve)));
      socket.resetAndDestroy();
    }
    const picture = await smallPicture();
    for (const key of keys) {
      const send = async (): Promise<number> => {
        const form = new FormData();
        form.append('collection', 'user.library');
        form.append('file', new Blob([new Uint8Array(picture)], { type: 'image/jpeg' }), 'a.jpg');
        const headers = { authorization: `Bearer ${product.token}`, 'idempotency-key': key };
        return (await fetch(`${product.url}/v1/media`, { method: 'POST', headers, body: form })).status;
      };
      await expect.poll(send, { timeout: 10_000 }).toBe(202);
    }
    const from = performance.now();
    expect(await product.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - from).toBeLessThan(mostStopMs);
  });
});

test('an uncaught error is logged, ends the server cleanly with exit code 1, and the next start continues its work', { timeout: 90_000 }, async () => {
  const preload = pathToFileURL(path.join(import.meta.dirname, 'fixtures/throw-on-signal.mjs')).href;
  const product = await started({ NODE_OPTIONS: `--import=${preload}` });
  const from = performance.now();
  expect(await product.stop('SIGUSR2')).toEqual({ code: 1, signal: null });
  expect(performance.now() - from).toBeLessThan(mostStopMs);
  expect(product.output()).toMatch(/"level":"fatal".*thrown where nobody listens.*uncaught error; stopping/);
  const next = await startProduct('start', { dataDir: product.dataDir });
  expect(await next.stop()).toEqual({ code: 0, signal: null });
});

describe.skipIf(process.platform !== 'linux')('descriptors (needs Linux, to count them)', () => {
  test('return to their baseline after forms, imports and readers that break in every way', { timeout: 90_000 }, async () => {
    const product = await started();
    const files = async (): Promise<number> => {
      const all = await readdir(`/proc/${product.pid}/fd`);
      const targets = await Promise.all(all.map(async (fd) => await readlink(`/proc/${product.pid}/fd/${fd}`).catch(() => '')));
      return targets.filter((target) => /safelight-form|\/objects?\/|\(deleted\)/.test(target)).length;
    };
    // The start tries its store with a file of its own.
    await expect.poll(files, { timeout: 20_000 }).toBe(0);
    const big = Buffer.alloc(300_000, 1);
    big.set([0xff, 0xd8, 0xff, 0xe0]);
    for (let index = 0; index < 20; index += 1) {
      const form = new FormData();
      form.append('file', new Blob([big], { type: 'image/jpeg' }), 'a.jpg');
      form.append(index % 2 === 0 ? 'purpose' : 'collection', 'no.such');
      const answer = await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      const socket = holding(product, post(product, `${beginning.slice(collection.length)}${'x'.repeat(100_000)}`));
      await new Promise<void>((resolve) => socket.once('connect', () => setTimeout(resolve, 5)));
      socket.resetAndDestroy();
    }
    await expect.poll(files, { timeout: 20_000 }).toBe(0);
    expect(await product.stop()).toEqual({ code: 0, signal: null });
  });
});
