import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { mintToken } from '../../packages/server/src/bin/mint-token.ts';
import { median, quantile, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { cpuMs, residentMb } from '../processes.ts';
import { benchSecret, startProduct, type Product } from '../product.ts';

/** The default limit of open requests per owner. */
const each = 4;

/** How soon a request is accepted and a waiting one cancelled, and what a thousand videos cost while their provider works. */
export async function generation({ smoke, directory }: BenchOptions): Promise<Result> {
  const dataDir = path.join(directory, 'data');
  const requests = smoke ? 8 : 400;
  const videos = smoke ? 20 : 1000;
  const figures = await takeAndCancel(await startProduct('serve', { dataDir }), requests);
  const provider = await openProvider();
  const env = { GEMINI_API_KEY: 'bench', GOOGLE_GEMINI_BASE_URL: provider.url, SAFELIGHT_LOG_LEVEL: 'warn' };
  const product = await startProduct('start', { dataDir, env });
  try {
    figures.push(...(await keepOpen(product, provider, { videos, seconds: smoke ? 3 : 40 })));
  } finally {
    await product.stop();
    provider.close();
  }
  return { name: 'generation', title: `Generation: ${requests} requests, then ${videos} open videos`, figures };
}

const jwt = { secret: benchSecret, issuer: null, audience: null, jwksUrl: null };
const tokenOf = async (owner: string): Promise<string> => await mintToken(jwt, { sub: owner, scope: 'media:write', expires: '1h' });

async function ask(product: Product, token: string, method: string, at: string, body?: object): Promise<{ jobId?: string; job?: { state: string } }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${product.url}/v1${at}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${at} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { jobId?: string; job?: { state: string } };
}

/** No worker runs, so accepted requests wait. */
async function takeAndCancel(product: Product, requests: number): Promise<Figure[]> {
  const [taken, cancelled]: [number[], number[]] = [[], []];
  try {
    // The first requests of a process compile the code of the others.
    const warm = await tokenOf('warms-up');
    for (let request = 0; request < each; request += 1) await ask(product, warm, 'POST', '/generate/image', { prompt: 'a lamp', provider: 'local' });
    for (let owner = 0; owner < requests / each; owner += 1) {
      const token = await tokenOf(`asks-${owner}`);
      const ids: string[] = [];
      for (let request = 0; request < each; request += 1) {
        const began = performance.now();
        const { jobId } = await ask(product, token, 'POST', '/generate/image', { prompt: 'a lamp', provider: 'local', size: '64x64' });
        taken.push(performance.now() - began);
        ids.push(jobId ?? '');
      }
      for (const id of ids) {
        const began = performance.now();
        const { job } = await ask(product, token, 'DELETE', `/jobs/${id}`);
        if (job?.state !== 'cancelled') throw new Error(`a waiting job that was cancelled is ${job?.state}`);
        cancelled.push(performance.now() - began);
      }
    }
  } finally {
    await product.stop();
  }
  return [
    { what: 'a request is taken (202), p50', value: median(taken), unit: 'ms' },
    { what: 'a request is taken (202), p99', value: quantile(taken, 0.99), unit: 'ms', goal: 30 },
    { what: 'a waiting one is cancelled, p99', value: quantile(cancelled, 0.99), unit: 'ms', goal: 1000 },
  ];
}

/** Starts every requested video, and never finishes one. */
async function openProvider() {
  const counted = { begun: 0, looks: 0 };
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      if (request.method === 'POST') counted.begun += 1;
      else counted.looks += 1;
      const id = request.method === 'POST' ? `int_${randomUUID()}` : (request.url ?? '').split(/[/?]/)[3];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, status: 'in_progress' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    counted,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** After this time the pauses between two polls have grown to their longest. */
const settlingMs = 45_000;

async function keepOpen(
  product: Product,
  { counted }: Awaited<ReturnType<typeof openProvider>>,
  { videos, seconds }: { videos: number; seconds: number },
): Promise<Figure[]> {
  // The work of starting ends first.
  await delay((seconds / 4) * 1000);
  const [idleMb, idleShare] = [await residentMb(product.pid), await shareOfCore(product, seconds / 4)];
  for (let owner = 0; owner < videos / each; owner += 1) {
    const token = await tokenOf(`films-${owner}`);
    await Promise.all(Array.from({ length: each }, async () => await ask(product, token, 'POST', '/generate/video', { prompt: 'a lamp', provider: 'gemini' })));
  }
  while (counted.begun < videos) await delay(200);
  if (seconds > 5) await delay(settlingMs);
  const looked = counted.looks;
  const began = performance.now();
  const share = await shareOfCore(product, seconds);
  const rate = (counted.looks - looked) / ((performance.now() - began) / 1000);
  if (counted.begun !== videos) throw new Error(`${counted.begun} requests were paid for ${videos} videos`);
  const added = Math.max(0, share - idleShare);
  return [
    { what: `looks at ${videos} open videos`, value: rate, unit: 'a second', goal: videos / 15 },
    { what: 'a look, CPU of the process', value: rate === 0 ? 0 : (added * 1000) / rate, unit: 'ms' },
    { what: 'CPU of a core for all of them', value: added * 100, unit: '%', goal: 2 },
    { what: 'memory that they add', value: (await residentMb(product.pid)) - idleMb, unit: 'MB' },
  ];
}

async function shareOfCore(product: Product, seconds: number): Promise<number> {
  const before = await cpuMs(product.pid);
  await delay(seconds * 1000);
  return ((await cpuMs(product.pid)) - before) / (seconds * 1000);
}
