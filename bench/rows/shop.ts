import { randomBytes, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { signCdnURL } from '../../packages/server/src/delivery/sign-cdn-url.ts';
import { startNginx, whyNoNginx } from '../../packages/server/test/support/nginx.ts';
import { freePort } from '../../packages/server/test/support/free-port.ts';
import { median, quantile, ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { startProduct, type Product } from '../product.ts';
import { uploadFile } from '../upload-file.ts';

const config = path.resolve(import.meta.dirname, '../../packages/server/test/support/shop.config.ts');
const cdnSecret = 'a secret of the benchmark';
type Grant = { transaction: string; zipURL: string; files: { url: string }[] };

/** What a buyer waits for: the first byte of a file, of an archive, and refusals for existing and missing numbers. */
export async function shop({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const env = { SAFELIGHT_CONFIG: config, SAFELIGHT_CDN_SECRET: cdnSecret };
  const product = await startProduct('start', { dataDir: path.join(directory, 'data'), env });
  try {
    const small = await sell(product, randomBytes(4096), smoke ? 5 : 50);
    const large = randomBytes((smoke ? 8 : 64) * 2 ** 20);
    const [film] = await sell(product, large, 1);
    if (film === undefined) throw new Error('nothing was sold');
    const figures: Figure[] = [await firstRequests(small, smoke ? 2 : 10), await refusals(product, small, smoke ? 200 : 5_000)];
    const missing: string[] = [];
    figures.push(...(await archives(directory, film, large, { rounds, missing })));
    return { name: 'shop', title: 'A buyer’s door, at 200 first requests a second; an archive against its file alone and against peers', figures, missing };
  } finally {
    await product.stop();
  }
}

async function sell(product: Product, bytes: Buffer, grants: number): Promise<Grant[]> {
  const ask = async (method: string, to: string, body?: object): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${product.token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${product.url}/v1${to}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${to} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const file = { name: 'film.bin', type: 'application/octet-stream', bytes };
  const { id } = await uploadFile(product, { collection: 'product.files', entityType: 'product', entityId: 'bench' }, file);
  while (((await ask('GET', `/media/${id}`))['media'] as { status: string }).status !== 'ready') await pause(50);
  const made: Grant[] = [];
  for (let count = 0; count < grants; count++)
    made.push((await ask('POST', '/grants', { transaction: `order-${randomUUID()}`, assetIds: [id] }))['grant'] as Grant);
  return made;
}

const pause = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

/** Reads an answer to its end, and returns its length. */
async function read(url: string, headers: Record<string, string> = {}): Promise<{ status: number; bytes: number }> {
  return await new Promise((resolve, reject) => {
    const request = get(url, { headers }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, bytes }));
      answer.once('error', reject);
    });
    request.once('error', reject);
  });
}

/** Each by another client, so that each spends a download; they start on schedule, whether or not earlier ones have been answered. */
async function firstRequests(grants: readonly Grant[], seconds: number): Promise<Figure> {
  const took: number[] = [];
  const one = async (index: number): Promise<void> => {
    const url = grants[index % grants.length]?.files[0]?.url ?? '';
    const began = performance.now();
    const { status } = await read(url, { 'user-agent': `client ${index}` });
    if (status !== 200) throw new Error(`a first request was answered ${status}`);
    if (index >= 200) took.push(performance.now() - began);
  };
  const all: Promise<void>[] = [];
  const began = performance.now();
  for (let index = 0; index < 200 * (seconds + 1); index++) {
    await pause(Math.max(0, began + index * 5 - performance.now()));
    all.push(one(index));
  }
  await Promise.all(all);
  return { what: 'first request of a file, 99 of 100 within, at 200 a second', value: quantile(took, 0.99), unit: 'ms', goal: 25 };
}

/** Alternating, so that other load affects both alike. */
async function refusals(product: Product, grants: readonly Grant[], times: number): Promise<Figure> {
  const [known, unknown]: [number[], number[]] = [[], []];
  const ask = async (transaction: string): Promise<number> => {
    const began = performance.now();
    const { status } = await read(`${product.url}/access-media/${transaction}`);
    if (status !== 404) throw new Error(`a guess was answered ${status}`);
    return performance.now() - began;
  };
  for (let turn = 0; turn < times; turn++) {
    known.push(await ask(grants[turn % grants.length]?.transaction ?? ''));
    unknown.push(await ask(`order-${randomUUID()}`));
  }
  const [there, not] = [median(known), median(unknown)];
  return {
    what: `refusal of a number that is there against one that is not, ${2 * times} guesses`,
    value: there / not,
    unit: '×',
    goal: 1.05,
    floor: not,
    product: there,
    of: 'ms',
  };
}

/** The same bytes as a file, as an archive, from nginx by a signed URL, and as an archive by client-zip. */
async function archives(directory: string, film: Grant, bytes: Buffer, { rounds, missing }: { rounds: number; missing: string[] }): Promise<Figure[]> {
  const file = path.join(directory, 'objects', 'film.bin');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  const contenders: Record<string, string> = { file: film.files[0]?.url ?? '', zip: film.zipURL };
  const stops: (() => unknown)[] = [];
  const nginx = whyNoNginx();
  if (nginx === null) {
    const port = await freePort();
    const front = await startNginx({
      directory: path.join(directory, 'nginx'),
      port,
      product: new URL(film.zipURL).origin,
      objects: path.dirname(file),
      cdnSecret,
    });
    stops.push(front.stop);
    const cdn = { kind: 'nginx-secure-link', baseURL: `http://127.0.0.1:${port}/cdn`, store: '', keyId: null, secret: cdnSecret } as const;
    const as = { key: 'film.bin', disposition: 'attachment', mimeType: 'application/octet-stream', fileName: 'film.bin' } as const;
    const now = new Date();
    contenders['nginx'] = signCdnURL(cdn, as, { now, expiresAt: new Date(now.getTime() + 3_600_000) });
  } else missing.push(nginx);
  const peer = await startClientZip(file);
  if (peer === null) missing.push('client-zip is not installed: npm ci --prefix bench/peers');
  else {
    contenders['client-zip'] = peer.url;
    stops.push(peer.stop);
  }
  const took: Record<string, number[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++)
    for (const [name, url] of Object.entries(contenders)) {
      const began = performance.now();
      const answer = await read(url, { 'user-agent': `round ${round}` });
      if (answer.status !== 200 || answer.bytes < bytes.length) throw new Error(`${name} answered ${answer.status} with ${answer.bytes} bytes`);
      if (round >= 0) took[name]?.push(performance.now() - began);
    }
  for (const stop of stops) await stop();
  const against = (what: string, name: string, goal?: number): Figure[] => {
    const floor = took[name];
    return floor === undefined ? [] : [ratioFigure(what, 'ms', took['zip'] ?? [], floor, goal)];
  };
  return [
    ...against('an archive against its file alone', 'file', 1.25),
    ...against('an archive against client-zip', 'client-zip'),
    ...(took['nginx'] === undefined ? [] : [ratioFigure('a file against nginx with secure_link', 'ms', took['file'] ?? [], took['nginx'])]),
  ];
}

/** As on a server: an archive is made while it is sent, and checksums are computed on the way. */
async function startClientZip(file: string): Promise<{ url: string; stop(): void } | null> {
  const entry = new URL(['..', 'peers', 'node_modules', 'client-zip', 'index.js'].join('/'), import.meta.url).href;
  const loaded = (await import(entry).catch(() => null)) as { downloadZip(files: object[]): Response } | null;
  if (loaded === null) return null;
  const server = createServer((_request, response) => {
    const send = async (): Promise<void> => {
      const { size } = await stat(file);
      const body = loaded.downloadZip([{ name: 'film.bin', size, lastModified: new Date(0), input: Readable.toWeb(createReadStream(file)) }]).body;
      if (body === null) throw new Error('client-zip made nothing');
      await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), response);
    };
    send().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => void server.close() };
}
