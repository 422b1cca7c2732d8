import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startProduct, type Product } from '../support/product.ts';
import { ask, expectProblem, into, newEntity, type Answer } from './support/api.ts';
import { smallPicture } from './support/pictures.ts';

const mebibyte = 2 ** 20;
let directory: string;
let product: Product;
let remote: Server;
let origin: string;
const pages = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'safelight-import-'));
  remote = createServer((request, response) => {
    const page = pages.get(request.url ?? '');
    if (page === undefined) response.writeHead(404).end('nothing here');
    else page(request, response);
  }).listen(0, '127.0.0.1');
  await once(remote, 'listening');
  const { port } = remote.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;
  product = await startProduct('start', { dataDir: directory, env: { SAFELIGHT_IMPORT_ALLOW_PRIVATE: `127.0.0.1:${port}` } });
});
afterAll(async () => {
  await product?.stop();
  remote.closeAllConnections();
  remote.close();
  await rm(directory, { recursive: true, force: true });
});

const api = async (method: string, pathname: string, body?: unknown): Promise<Answer> =>
  await ask(method, product.url + pathname, { token: product.token, ...(body === undefined ? {} : { body }) });
const anywhere = () => {
  const { entityType, entityId } = newEntity('product');
  return { collection: 'product.files', entityType, entityId };
};
const importFrom = async (url: string, destination: Record<string, unknown> = anywhere()): Promise<Answer> =>
  await api('POST', '/v1/media/import', { url, ...destination });
const ended = async (started: Answer) => {
  expect(started.status, JSON.stringify(started.body)).toBe(202);
  const read = async () => (await api('GET', `/v1/jobs/${started.body.jobId}`)).body.job;
  await expect.poll(async () => (await read()).state, { timeout: 40_000 }).toMatch(/complete|failed/);
  return await read();
};
const uploadOf = async (started: Answer) => (await api('GET', `/v1/uploads/${started.body.uploadId}`)).body.upload;
const mediaOf = async (started: Answer) => (await api('GET', `/v1/media/${(await uploadOf(started)).assetId}`)).body.media;

describe('an import', () => {
  test('turns a photo at a URL into a ready record', async () => {
    const bytes = await smallPicture();
    pages.set('/photo', (_request, response) =>
      response
        .writeHead(200, {
          'content-type': 'image/jpeg',
          'content-length': bytes.length,
          'content-disposition': `inline; filename="x.jpg"; filename*=UTF-8''..%2F..%2Fgr%C3%BCn%20.jpg`,
        })
        .end(bytes),
    );
    const started = await importFrom(`${origin}/photo`, into('listing.photos'));
    expect(await ended(started)).toMatchObject({ state: 'complete', type: 'import' });
    expect(await uploadOf(started)).toMatchObject({ protocol: 'import', state: 'complete' });
    const media = await mediaOf(started);
    expect(media).toMatchObject({ status: 'ready', kind: 'image', mimeType: 'image/jpeg', byteSize: bytes.length });
    expect(media.originalFileName).toMatch(/grün/);
    expect(media.originalFileName).not.toContain('/');
  });

  test('trusts the bytes, neither the Content-Type of the remote server nor the end of the URL', async () => {
    const bytes = await smallPicture();
    const serve = (at: string, contentType: string, body: Buffer | string): unknown =>
      pages.set(at, (_request, response) => response.writeHead(200, { 'content-type': contentType }).end(body));
    for (const [at, contentType, name] of [
      ['/dir/photo.html', 'text/html; charset=utf-8', 'photo.jpg'],
      ['/photo.php', 'image/png', 'photo.jpg'],
      ['/image.aspx', 'text/plain', 'image.aspx'],
      ['/auto.png', 'video/mp4', 'auto.png'],
    ] as const) {
      serve(at, contentType, bytes);
      const started = await importFrom(origin + at, into('listing.photos'));
      expect(await ended(started), at).toMatchObject({ state: 'complete' });
      expect(await mediaOf(started)).toMatchObject({ status: 'ready', mimeType: 'image/jpeg', originalFileName: name });
    }
    serve('/page.jpg', 'image/jpeg', '<!doctype html><script>alert(1)</script>');
    const page = await importFrom(`${origin}/page.jpg`);
    expect(await ended(page)).toMatchObject({ state: 'complete' });
    expect(await mediaOf(page)).toMatchObject({ kind: 'file', mimeType: 'text/html', originalFileName: 'page.html' });
  });

  test('checks the file name that the client gave', async () => {
    pages.set('/anything', (_request, response) => response.writeHead(200).end('<!doctype html><script>alert(1)</script>'));
    const started = await importFrom(`${origin}/anything`, { ...anywhere(), filename: 'photo.jpg' });
    expect(await ended(started)).toMatchObject({ state: 'failed', error: { code: 'type_mismatch', retryable: false } });
  });

  test('reports progress as bytes arrive, and continues where a broken connection stopped', async () => {
    const bytes = randomBytes(4 * mebibyte);
    const { promise: seen, resolve: goOn } = Promise.withResolvers<void>();
    const ranges: (string | undefined)[] = [];
    pages.set('/film', (request, response) => {
      ranges.push(request.headers.range);
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const headers = { etag: '"v1"', 'accept-ranges': 'bytes', 'content-length': bytes.length - start };
      if (start > 0)
        return response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }).end(bytes.subarray(start));
      response.writeHead(200, headers).write(bytes.subarray(0, 2 * mebibyte));
      return void seen.then(() => response.destroy());
    });
    const started = await importFrom(`${origin}/film`);
    await expect.poll(async () => (await api('GET', `/v1/jobs/${started.body.jobId}`)).body.job.progress, { timeout: 10_000 }).toBeGreaterThan(0.1);
    goOn();
    expect(await ended(started)).toMatchObject({ state: 'complete' });
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
    const { assetId } = await uploadOf(started);
    expect((await api('GET', `/download/${assetId}`)).bytes.equals(bytes)).toBe(true);
  });

  test('of a file that is too large, empty, not what it claims, or missing fails with its reason, and leaves no media', async () => {
    const maximum = (await api('GET', '/v1/meta/media-rules?collection=listing.photos')).body.rules.maxBytes as number;
    pages.set('/announced', (_request, response) => response.writeHead(200, { 'content-length': maximum + 1 }).write('x'));
    pages.set('/endless', (_request, response) => {
      response.writeHead(200);
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(mebibyte), () => setImmediate(more)));
      more();
    });
    // Small while compressed, large when decompressed.
    const bomb = gzipSync(Buffer.alloc(maximum + 1));
    pages.set('/bomb', (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb));
    pages.set('/empty', (_request, response) => response.writeHead(200).end());
    pages.set('/page', (_request, response) => response.writeHead(200, { 'content-type': 'image/jpeg' }).end('<!doctype html><script>alert(1)</script>'));
    pages.set('/forbidden', (_request, response) => response.writeHead(403).end());
    const expected = {
      '/announced': 'file_too_large',
      '/endless': 'file_too_large',
      '/bomb': 'file_too_large',
      '/empty': 'empty_file',
      '/page': /type_mismatch|unsupported_type/,
      '/forbidden': 'import_failed',
      '/missing': 'import_failed',
    };
    await Promise.all(
      Object.entries(expected).map(async ([page, code]) => {
        const started = await importFrom(origin + page, into('listing.photos'));
        const job = await ended(started);
        expect({ page, state: job.state, code: job.error.code }).toEqual({
          page,
          state: 'failed',
          code: typeof code === 'string' ? code : expect.stringMatching(code),
        });
        expect(await uploadOf(started)).toMatchObject({ state: 'failed', failure: { code: job.error.code, message: expect.stringMatching(/\.$/) } });
      }),
    );
    const failed = (await api('GET', '/v1/uploads?state=failed')).body.uploads;
    expect(failed.length).toBeGreaterThanOrEqual(Object.keys(expected).length);
  });

  test.each([
    'http://127.0.0.1:1/',
    'http://localhost:1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://100.64.0.1/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://224.0.0.1/',
    'http://0.0.0.0/',
    'file:///etc/passwd',
    'ftp://example.com/a',
    'http://user:secret@example.com/',
  ])('from %s is blocked', async (url) => {
    const started = await importFrom(url);
    if (started.status === 202) expect(await ended(started)).toMatchObject({ state: 'failed', error: { code: 'import_blocked' } });
    else expectProblem(started, 422, 'import_blocked');
  });

  test('does not follow redirects to forbidden addresses, nor without end', async () => {
    pages.set('/inside', (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/secret' }).end());
    pages.set('/file', (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    pages.set('/loop', (_request, response) => response.writeHead(302, { location: '/loop' }).end());
    for (const [page, code] of [
      ['/inside', 'import_blocked'],
      ['/file', 'import_blocked'],
      ['/loop', 'import_failed'],
    ]) {
      expect(await ended(await importFrom(origin + page))).toMatchObject({ state: 'failed', error: { code } });
    }
  });

  test('without a valid URL or destination is refused', async () => {
    expectProblem(await importFrom('not an address'), 400, 'invalid_request');
    expectProblem(await importFrom(`${origin}/photo`, { collection: 'nothing' }), 400, 'invalid_request');
  });
});
