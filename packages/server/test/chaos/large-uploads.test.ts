import { once } from 'node:events';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import pg from 'pg';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startProduct, type Product } from '../support/product.ts';
import { startTcpPostgres, type TcpPostgres } from '../support/tcp-postgres.ts';

/** CI uses less: anything that grows with a file shows in half a gibibyte as well. */
const largeBytes = Number(process.env['CHAOS_UPLOAD_MIB'] ?? 2048) * 2 ** 20;
/** Enough to load and grow everything once that an upload of the protocol loads and grows. */
const firstBytes = 64 * 2 ** 20;
/** How much more memory the API may use while a file of any size passes through it. */
const growthBytes = 64 * 2 ** 20;
const secret = 'a secret of the tests that is long enough';

let directory: string;
let postgres: TcpPostgres;
let product: Product;
let headers: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'safelight-large-'));
  postgres = await startTcpPostgres();
  // Only the process that answers requests: processing has child processes and memory of its own.
  product = await startProduct('serve', {
    dataDir: directory,
    env: { DATABASE_URL: postgres.url, SAFELIGHT_JWT_SECRET: secret, SAFELIGHT_SIGNING_KEYS: `k1:${secret}` },
  });
  const token = await new SignJWT({ scope: 'media:admin' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('large')
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode(secret));
  headers = { authorization: `Bearer ${token}` };
});
afterAll(async () => {
  await product?.stop();
  await postgres?.close();
  await rm(directory, { recursive: true, force: true });
});

const destination = () => ({ collection: 'product.files', entityType: 'product', entityId: crypto.randomUUID() });
const rss = async (): Promise<number> => Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${product.pid}/status`, 'utf8'))?.[1]) * 1024;
const piece = Buffer.alloc(1 << 20, 'safelight ');

function* bytes(length: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece;
}

/** Sends a body of any length without holding it in memory. */
async function send(
  method: string,
  url: string,
  given: Record<string, string>,
  length: number,
  wrap: { before?: string; after?: string } = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }> {
  const { before = '', after = '' } = wrap;
  const request = http.request(url, { method, agent: false, headers: { 'content-length': String(length + before.length + after.length), ...given } });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  const body = Readable.from(
    (function* () {
      if (before !== '') yield Buffer.from(before);
      yield* bytes(length);
      if (after !== '') yield Buffer.from(after);
    })(),
  );
  await pipeline(body, request);
  const [response] = await answered;
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}
const json = async (method: string, pathname: string, body?: unknown) => {
  const response = await fetch(product.url + pathname, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return await response.json();
};

const protocols: Record<string, (fileBytes: number) => Promise<void>> = {
  async direct(fileBytes) {
    const fields = Object.entries(destination()).map(([name, value]) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
    const before = `${fields.join('')}--b\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\ncontent-type: application/octet-stream\r\n\r\n`;
    const answer = await send('POST', `${product.url}/v1/media`, { ...headers, 'content-type': 'multipart/form-data; boundary=b' }, fileBytes, {
      before,
      after: '\r\n--b--\r\n',
    });
    expect(answer.status, answer.text).toBe(202);
  },
  async presigned(fileBytes) {
    const opened = await json('POST', '/v1/media/upload/init', { ...destination(), filename: 'a.bin', byteSize: fileBytes });
    expect((await send('PUT', opened.uploadURL, opened.headers, fileBytes)).status).toBe(200);
    expect(await json('POST', '/v1/media/upload/complete', { uploadId: opened.uploadId })).toMatchObject({ jobId: expect.any(String) });
  },
  async multipart(fileBytes) {
    const opened = await json('POST', '/v1/media/upload/init', { ...destination(), filename: 'a.bin', byteSize: fileBytes, multipart: true });
    for (let at = 0; at < opened.parts.length; at += 4) {
      await Promise.all(
        opened.parts.slice(at, at + 4).map(async ({ partNumber, url }: { partNumber: number; url: string }) => {
          const length = Math.min(opened.partSize, fileBytes - (partNumber - 1) * opened.partSize);
          expect((await send('PUT', url, {}, length)).status).toBe(200);
        }),
      );
    }
    expect(await json('POST', '/v1/media/upload/complete', { uploadId: opened.uploadId })).toMatchObject({ jobId: expect.any(String) });
  },
  async tus(fileBytes) {
    const metadata = Object.entries({ ...destination(), filename: 'a.bin' })
      .map(([name, value]) => `${name} ${btoa(value)}`)
      .join(',');
    const created = await fetch(`${product.url}/v1/uploads/tus`, {
      method: 'POST',
      headers: { ...headers, 'tus-resumable': '1.0.0', 'upload-length': String(fileBytes), 'upload-metadata': metadata },
    });
    const answer = await send(
      'PATCH',
      created.headers.get('location') ?? '',
      { ...headers, 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
      fileBytes,
    );
    expect(answer.status, answer.text).toBe(204);
  },
};

test.each(Object.keys(protocols))('a file of 2 GiB by %s does not grow the API by more than 64 MiB', async (protocol) => {
  await protocols[protocol]?.(firstBytes);
  const before = await rss();
  let most = before;
  const watch = setInterval(
    () =>
      void rss().then(
        (now) => (most = Math.max(most, now)),
        () => undefined,
      ),
    100,
  );
  const startedAt = performance.now();
  await protocols[protocol]?.(largeBytes);
  clearInterval(watch);
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(
    `${protocol}: ${(largeBytes / 2 ** 20 / seconds).toFixed(0)} MiB/s, RSS ${(before / 2 ** 20).toFixed(0)} MiB and at most ${((most - before) / 2 ** 20).toFixed(0)} MiB more\n`,
  );
  expect(most - before).toBeLessThanOrEqual(growthBytes);
});

test('two hundred slow clients hold no connection of the pool and delay nobody', async () => {
  const metadata = Object.entries({ ...destination(), filename: 'a.bin' })
    .map(([name, value]) => `${name} ${btoa(value)}`)
    .join(',');
  const slow: http.ClientRequest[] = [];
  for (let index = 0; index < 200; index += 1) {
    const created = await fetch(`${product.url}/v1/uploads/tus`, {
      method: 'POST',
      headers: { ...headers, 'tus-resumable': '1.0.0', 'upload-length': '1000000', 'upload-metadata': metadata },
    });
    const request = http.request(created.headers.get('location') ?? '', {
      method: 'PATCH',
      agent: false,
      headers: { ...headers, 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-length': '1000000', 'content-type': 'application/offset+octet-stream' },
    });
    request.on('error', () => undefined);
    request.write(Buffer.alloc(1000));
    slow.push(request);
  }
  const drip = setInterval(() => slow.forEach((request) => request.write(Buffer.alloc(10))), 500);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const taken: number[] = [];
  for (let index = 0; index < 300; index += 1) {
    const startedAt = performance.now();
    expect((await fetch(`${product.url}/v1/media?limit=1`, { headers })).status).toBe(200);
    taken.push(performance.now() - startedAt);
  }
  const { rows } = await client.query(
    `select count(*)::int as held from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
  );
  await client.end();
  clearInterval(drip);
  for (const request of slow) request.destroy();
  const sorted = taken.toSorted((a, b) => a - b);
  process.stdout.write(`beside 200 slow uploads: p50 ${sorted[150]?.toFixed(1)} ms, p99 ${sorted[297]?.toFixed(1)} ms\n`);
  expect(rows).toEqual([{ held: 0 }]);
});
