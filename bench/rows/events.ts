import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';

import { mintToken } from '../../packages/server/src/bin/mint-token.ts';
import { median, quantile, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { cpuMs, residentMb } from '../processes.ts';
import { benchSecret, startProduct, type Product } from '../product.ts';
import { uploadFile } from '../upload-file.ts';

const file = { name: 'bench.bin', type: 'application/octet-stream', bytes: randomBytes(1024) };
const place = { collection: 'product.files', entityType: 'product', entityId: 'bench' };

/** What thousands of followers of events cost one process, if they receive an upload's events and if they do not. No worker runs. */
export async function events({ smoke, directory }: BenchOptions): Promise<Result> {
  const count = smoke ? 100 : 5_000;
  const uploads = smoke ? 5 : 100;
  const figures: Figure[] = [];
  const product = await startProduct('serve', { dataDir: path.join(directory, 'data') });
  try {
    await cpuOfUploads(product, uploads);
    const alone = await cpuOfUploads(product, uploads);
    const strangers = await createFollowers(product, count, 'media:read');
    const withStrangers = await cpuOfUploads(product, uploads);
    strangers.disconnect();
    await once(strangers, 'exit');
    figures.push({ what: `CPU an upload for ${count} who see none of it`, value: Math.max(0, withStrangers - alone), unit: 'ms', goal: 10 });

    const managers = await createFollowers(product, count, 'media:manage');
    const { delays, meanwhile, cpu } = await tellAll(product, managers, { count, times: smoke ? 2 : 20 });
    figures.push(
      { what: `an event to ${count} who see it, p50`, value: median(delays), unit: 'ms' },
      { what: `an event to ${count} who see it, p99`, value: quantile(delays, 0.99), unit: 'ms', goal: 100 },
      { what: 'an upload while an event goes to all of them', value: median(meanwhile), unit: 'ms', goal: 50 },
      { what: 'CPU an upload that all of them see', value: cpu, unit: 'ms' },
      { what: 'API process with all of them', value: await residentMb(product.pid), unit: 'MB', goal: 300 },
    );
    managers.disconnect();
    return { name: 'events', title: `Events: ${count} followers of one process`, figures };
  } finally {
    await product.stop();
  }
}

async function createFollowers(product: Product, count: number, scope: string): Promise<ChildProcess> {
  const jwt = { secret: benchSecret, issuer: null, audience: null, jwksUrl: null };
  const tokens = await Promise.all(Array.from({ length: count }, (_, n) => mintToken(jwt, { sub: `follower ${n}`, scope, expires: '1h' })));
  const child = fork(path.join(import.meta.dirname, '../event-followers.ts'));
  child.send({ port: product.port, tokens });
  const [answer] = (await once(child, 'message')) as [{ open?: number; failed?: string }];
  if (answer.open !== count) throw new Error(`Only some of the streams could be opened: ${answer.failed ?? ''}`);
  return child;
}

/** CPU of the API process per upload, one after the other. */
async function cpuOfUploads(product: Product, times: number): Promise<number> {
  const before = await cpuMs(product.pid);
  for (let upload = 0; upload < times; upload += 1) await uploadFile(product, place, file);
  return ((await cpuMs(product.pid)) - before) / times;
}

/** Uploads in pairs: the second is sent as soon as the first was answered, while the events of the first are being sent. */
async function tellAll(
  product: Product,
  followers: ChildProcess,
  { count, times }: { count: number; times: number },
): Promise<{ delays: number[]; meanwhile: number[]; cpu: number }> {
  const delays: number[] = [];
  const meanwhile: number[] = [];
  const before = await cpuMs(product.pid);
  for (let pair = 0; pair < times; pair += 1) {
    await uploadFile(product, place, file);
    const began = performance.now();
    await uploadFile(product, place, file);
    meanwhile.push(performance.now() - began);
    for (let heard = 0; heard < 2 * count;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      followers.send('take');
      const [answer] = (await once(followers, 'message')) as [{ delays: number[] }];
      delays.push(...answer.delays);
      heard += answer.delays.length;
    }
  }
  return { delays, meanwhile, cpu: ((await cpuMs(product.pid)) - before) / (2 * times) };
}
