import { randomBytes } from 'node:crypto';
import path from 'node:path';

import { median, quantile, ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { startFloor } from '../floor.ts';
import { formRequest } from '../load.ts';
import { cpuMs, treeCpuMs } from '../processes.ts';
import { startProduct, type Product } from '../product.ts';
import { expectStatus, sendBody } from '../send-body.ts';
import { besideSlowClients } from '../slow-clients.ts';
import { authorized, openTus, patchHeaders, somewhere, tusOf } from '../tus-client.ts';

const mebibyte = 2 ** 20;
const slowClients = 200;

/**
 * The bytes of a large file in a form, compared with bare node:http (tus has a row of its own); the number of sessions that are opened and completed
 * per second; and how long others wait next to slow clients. No worker runs.
 */
export async function uploads({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const floor = await startFloor(path.join(directory, 'floor'));
  const product = await startProduct('serve', { dataDir: path.join(directory, 'data') });
  try {
    const figures = [
      ...(await throughput({ rounds, bytes: (smoke ? 4 : 64) * mebibyte, product, floor })),
      await sessionsASecond(product, smoke ? 40 : 800),
      ...(await besideSlow('tus', product, smoke)),
      ...(await besideSlow('direct', product, smoke)),
    ];
    return { name: 'uploads', title: 'Large files, sessions and slow clients', figures };
  } finally {
    await product.stop();
    floor.stop();
  }
}

type Cost = { ms: number; cpu: number; all: number };
type Server = { port: number; pid: number };

async function throughput({ rounds, bytes, product, floor }: { rounds: number; bytes: number; product: Product; floor: Server }): Promise<Figure[]> {
  // Several pieces, like a client that reads a file.
  const piece = randomBytes(mebibyte);
  const body = Array.from({ length: bytes / mebibyte }, () => piece);
  const ways: Record<string, { pid: number; send(): Promise<unknown> }> = {
    durable: { ...floor, send: async () => await expectStatus(201, sendBody('PUT', `http://127.0.0.1:${floor.port}/durable`, {}, body)) },
    written: { ...floor, send: async () => await expectStatus(201, sendBody('PUT', `http://127.0.0.1:${floor.port}/written`, {}, body)) },
    direct: { ...product, send: async () => await sendForm(product, body) },
  };
  const costs = new Map<string, Cost[]>();
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, { pid, send }] of Object.entries(ways)) {
      const [began, before, allBefore] = [performance.now(), await cpuMs(pid), await treeCpuMs(pid)];
      await send();
      const cost = { ms: performance.now() - began, cpu: (await cpuMs(pid)) - before, all: (await treeCpuMs(pid)) - allBefore };
      // The first round warms up the compiler.
      if (round >= 0) costs.set(name, [...(costs.get(name) ?? []), cost]);
    }
  }
  const of = (name: string, kind: keyof Cost): number[] => (costs.get(name) ?? []).map((cost) => cost[kind]);
  const size = `${bytes / mebibyte} MB`;
  const against = (name: string, other: string, words: string): Figure[] => [
    ratioFigure(`${name}, ${size}, ${words}: wall`, 'ms', of(name, 'ms'), of(other, 'ms')),
    ratioFigure(`${name}, ${size}, ${words}: CPU of the server process`, 'ms', of(name, 'cpu'), of(other, 'cpu')),
    ratioFigure(`${name}, ${size}, ${words}: CPU with Postgres`, 'ms', of(name, 'all'), of(other, 'all')),
  ];
  return [...against('direct', 'durable', 'node:http to disk with sync'), ...against('direct', 'written', 'node:http to disk without sync')];
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

/** Pairs of init and complete per second, eight at a time; the PUTs between them are not counted. */
async function sessionsASecond(product: Product, count: number): Promise<Figure> {
  const post = async (pathname: string, body: object, status: number): Promise<Record<string, string>> => {
    const headers = { ...authorized(product), 'content-type': 'application/json' };
    const { text } = await expectStatus(status, sendBody('POST', product.url + pathname, headers, [Buffer.from(JSON.stringify(body))]));
    return JSON.parse(text) as Record<string, string>;
  };
  const opened: Record<string, string>[] = [];
  const content = randomBytes(1024);
  const initMs = await eightAtOnce(
    count,
    async () => void opened.push(await post('/v1/media/upload/init', { ...somewhere(), filename: 'a.bin', byteSize: content.length }, 201)),
  );
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
      return { method: 'PATCH', url: await openTus(tusOf(product), 1_000_000), headers: patchHeaders(headers, 0) };
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
