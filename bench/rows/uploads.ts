import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';

import { startTcpPostgres } from '../../packages/server/test/support/tcp-postgres.ts';
import { median, quantile, ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { startFloor, startTusLibrary } from '../floor.ts';
import { formRequest } from '../load.ts';
import { cpuMs } from '../processes.ts';
import { startProduct, type Product } from '../product.ts';
import { expectStatus, sendBody } from '../send-body.ts';
import { besideSlowClients } from '../slow-clients.ts';

const mebibyte = 2 ** 20;
const slowClients = 200;
const octets = 'application/offset+octet-stream';

/**
 * The bytes of a large file by the two ways in that move them through us, against bare node:http and the common tus server library; how many
 * sessions are opened and completed in a second; and how long others wait beside slow clients. No worker runs.
 */
export async function uploads({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const postgres = await startTcpPostgres();
  const floor = await startFloor(path.join(directory, 'floor'));
  const library = await startTusLibrary(path.join(directory, 'library'));
  const product = await startProduct('serve', { dataDir: path.join(directory, 'data'), env: { DATABASE_URL: postgres.url } });
  try {
    const figures = [
      ...(await throughput({ rounds, bytes: (smoke ? 4 : 64) * mebibyte, product, floor, library })),
      await sessionsASecond(product, smoke ? 40 : 800),
      ...(await besideSlow('tus', product, smoke)),
      ...(await besideSlow('direct', product, smoke)),
    ];
    return { name: 'uploads', title: 'Large files, sessions and slow clients', figures };
  } finally {
    await product.stop();
    library.stop();
    floor.stop();
    await postgres.close();
  }
}

type Cost = { ms: number; cpu: number };
type Server = { port: number; pid: number };

async function throughput({
  rounds,
  bytes,
  product,
  floor,
  library,
}: {
  rounds: number;
  bytes: number;
  product: Product;
  floor: Server;
  library: Server;
}): Promise<Figure[]> {
  // Several pieces, as a client reads them from a file.
  const piece = randomBytes(mebibyte);
  const body = Array.from({ length: bytes / mebibyte }, () => piece);
  const ways: Record<string, { pid: number; send(): Promise<unknown> }> = {
    durable: { ...floor, send: async () => await expectStatus(201, sendBody('PUT', `http://127.0.0.1:${floor.port}/durable`, {}, body)) },
    written: { ...floor, send: async () => await expectStatus(201, sendBody('PUT', `http://127.0.0.1:${floor.port}/written`, {}, body)) },
    direct: { ...product, send: async () => await sendForm(product, body) },
    tus: { ...product, send: async () => await sendTus(`${product.url}/v1/uploads/tus`, authorized(product), anywhere(), body) },
    library: { ...library, send: async () => await sendTus(`http://127.0.0.1:${library.port}/files`, {}, { filename: 'a.bin' }, body) },
  };
  const costs = new Map<string, Cost[]>();
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, { pid, send }] of Object.entries(ways)) {
      const [began, before] = [performance.now(), await cpuMs(pid)];
      await send();
      const cost = { ms: performance.now() - began, cpu: (await cpuMs(pid)) - before };
      // The first round is for the compiler.
      if (round >= 0) costs.set(name, [...(costs.get(name) ?? []), cost]);
    }
  }
  const of = (name: string, kind: keyof Cost): number[] => (costs.get(name) ?? []).map((cost) => cost[kind]);
  const size = `${bytes / mebibyte} MB`;
  const against = (name: string, other: string, words: string): Figure[] => [
    ratioFigure(`${name}, ${size}, ${words}: wall`, 'ms', of(name, 'ms'), of(other, 'ms')),
    ratioFigure(`${name}, ${size}, ${words}: CPU of the server process`, 'ms', of(name, 'cpu'), of(other, 'cpu')),
  ];
  return [
    ...against('direct', 'durable', 'node:http to disk with sync'),
    ...against('direct', 'written', 'node:http to disk without sync'),
    ...against('tus', 'durable', 'node:http to disk with sync'),
    ...against('tus', 'library', '@tus/server with its file store, which does not sync'),
    ...against('library', 'written', 'node:http to disk without sync'),
  ];
}

const authorized = (product: Product): Record<string, string> => ({ authorization: `Bearer ${product.token}` });
const somewhere = (): Record<string, string> => ({ collection: 'product.files', entityType: 'product', entityId: randomUUID() });
const anywhere = (): Record<string, string> => ({ ...somewhere(), filename: 'a.bin' });
const metadataOf = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${btoa(value)}`)
    .join(',');

async function openTus(url: string, headers: Record<string, string>, values: Record<string, string>, bytes: number): Promise<string> {
  const created = await expectStatus(
    201,
    sendBody('POST', url, { ...headers, 'tus-resumable': '1.0.0', 'upload-length': String(bytes), 'upload-metadata': metadataOf(values) }),
  );
  return created.headers.location ?? '';
}

async function sendTus(url: string, headers: Record<string, string>, values: Record<string, string>, body: readonly Buffer[]): Promise<void> {
  const bytes = body.reduce((sum, part) => sum + part.length, 0);
  const location = await openTus(url, headers, values, bytes);
  await expectStatus(204, sendBody('PATCH', location, { ...headers, 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': octets }, body));
}

async function sendForm(product: Product, body: readonly Buffer[]): Promise<void> {
  const [before = Buffer.alloc(0), , after = Buffer.alloc(0)] = formRequest('', '', somewhere(), {
    name: 'a.bin',
    type: 'application/octet-stream',
    bytes: Buffer.alloc(0),
  });
  const headers = { ...authorized(product), 'content-type': 'multipart/form-data; boundary=safelight-bench' };
  const form = before.subarray(before.indexOf('\r\n\r\n') + 4);
  await expectStatus(202, sendBody('POST', `${product.url}/v1/media`, headers, [form, ...body, after]));
}

/** Pairs of init and complete in a second, eight at a time; the PUTs between them are not counted. */
async function sessionsASecond(product: Product, count: number): Promise<Figure> {
  const post = async (pathname: string, body: object, status: number): Promise<Record<string, string>> => {
    const headers = { ...authorized(product), 'content-type': 'application/json' };
    const { text } = await expectStatus(status, sendBody('POST', product.url + pathname, headers, [Buffer.from(JSON.stringify(body))]));
    return JSON.parse(text) as Record<string, string>;
  };
  const opened: Record<string, string>[] = [];
  const content = randomBytes(1024);
  const initMs = await eightAtOnce(count, async () => void opened.push(await post('/v1/media/upload/init', { ...anywhere(), byteSize: content.length }, 201)));
  for (const { uploadURL = '' } of opened) await expectStatus(200, sendBody('PUT', uploadURL, { 'content-type': 'application/octet-stream' }, [content]));
  const completeMs = await eightAtOnce(count, async (index) => void (await post('/v1/media/upload/complete', { uploadId: opened[index]?.['uploadId'] }, 202)));
  return { what: 'presigned sessions opened and completed, 8 at once', value: count / ((initMs + completeMs) / 1000), unit: 'a second' };
}

async function eightAtOnce(count: number, work: (index: number) => Promise<void>): Promise<number> {
  const began = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (next < count) await work(next++);
    }),
  );
  return performance.now() - began;
}

async function besideSlow(way: 'tus' | 'direct', product: Product, smoke: boolean): Promise<Figure[]> {
  const headers = authorized(product);
  const requests = await Promise.all(
    Array.from({ length: smoke ? 20 : slowClients }, async () => {
      if (way === 'direct') {
        const [before = Buffer.alloc(0)] = formRequest('', '', somewhere(), { name: 'a.bin', type: 'application/octet-stream', bytes: Buffer.alloc(0) });
        const form = before.subarray(before.indexOf('\r\n\r\n') + 4);
        return {
          method: 'POST',
          url: `${product.url}/v1/media`,
          headers: { ...headers, 'content-type': 'multipart/form-data; boundary=safelight-bench' },
          before: form,
        };
      }
      const url = await openTus(`${product.url}/v1/uploads/tus`, headers, anywhere(), 1_000_000);
      return { method: 'PATCH', url, headers: { ...headers, 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': octets } };
    }),
  );
  const taken = await besideSlowClients(requests, async () => {
    const times: number[] = [];
    for (let index = 0; index < (smoke ? 20 : 1000); index += 1) {
      const began = performance.now();
      await expectStatus(200, sendBody('GET', `${product.url}/v1/media?limit=1`, headers));
      times.push(performance.now() - began);
    }
    return times;
  });
  const what = `a list beside ${requests.length} slow clients, ${way}`;
  return [
    { what: `${what}, p50`, value: median(taken), unit: 'ms' },
    { what: `${what}, p99`, value: quantile(taken, 0.99), unit: 'ms', goal: 50 },
  ];
}
