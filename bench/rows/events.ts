import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';

import { mintToken } from '../../packages/server/src/bin/mint-token.ts';
import { median, quantile, ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { startFollowerFloor, type Floor } from '../floor.ts';
import { cpuMs, residentMb } from '../processes.ts';
import { benchSecret, startProduct, type Product } from '../product.ts';
import { uploadFile } from '../upload-file.ts';

const file = { name: 'bench.bin', type: 'application/octet-stream', bytes: randomBytes(1024) };
const place = { collection: 'product.files', entityType: 'product', entityId: 'bench' };

/**
 * What thousands of followers of events cost one process, if they receive an upload's events and if they do not, and what they cost a bare server that
 * writes one message to all of them. No worker runs.
 */
export async function events(options: BenchOptions): Promise<Result> {
  const count = options.smoke ? 100 : 5_000;
  const floor = await measureFloor(options, count);
  const figures: Figure[] = [];
  const product = await startProduct('serve', { dataDir: path.join(options.directory, 'data') });
  try {
    figures.push(await costOfStrangers(product, options, count));
    const told = await measureTelling({ ...product, tell: async () => void (await uploadFile(product, place, file)) }, options, {
      count,
      tokens: await tokensFor(count, 'media:manage'),
    });
    figures.push(
      { what: `an event to ${count} who see it, p50`, value: told.p50, unit: 'ms' },
      { what: `an event to ${count} who see it, p99`, value: told.p99, unit: 'ms', goal: 100 },
      ratioFigure('  against node:http that writes one message to all', 'ms', [told.p99], [floor.p99]),
      { what: 'an upload while an event goes to all of them', value: told.meanwhile, unit: 'ms', goal: 50 },
      ratioFigure('  a request to node:http meanwhile', 'ms', [told.meanwhile], [floor.meanwhile]),
      { what: 'CPU an upload that all of them see', value: told.cpu, unit: 'ms' },
      ratioFigure('  CPU against node:http', 'ms', [told.cpu], [floor.cpu]),
      { what: 'API process with all of them', value: told.residentMb, unit: 'MB', goal: 300 },
      ratioFigure('  against node:http', 'MB', [told.residentMb], [floor.residentMb]),
    );
    return { name: 'events', title: `Events: ${count} followers of one process`, figures };
  } finally {
    await product.stop();
  }
}

async function measureFloor(options: BenchOptions, count: number): Promise<Telling> {
  const floor = await startFollowerFloor(path.join(options.directory, 'floor'));
  try {
    const tell = async (): Promise<void> => void (await (await fetch(`http://127.0.0.1:${floor.port}/`, { method: 'POST' })).arrayBuffer());
    return await measureTelling({ ...floor, tell }, options, { count, tokens: Array.from({ length: count }, () => 'none') });
  } finally {
    floor.stop();
  }
}

async function costOfStrangers(product: Product, { smoke }: BenchOptions, count: number): Promise<Figure> {
  const uploads = smoke ? 5 : 100;
  await cpuOfUploads(product, uploads);
  const alone = await cpuOfUploads(product, uploads);
  const strangers = await createFollowers(product, await tokensFor(count, 'media:read'));
  const withStrangers = await cpuOfUploads(product, uploads);
  strangers.disconnect();
  await once(strangers, 'exit');
  return { what: `CPU an upload for ${count} who see none of it`, value: Math.max(0, withStrangers - alone), unit: 'ms', goal: 10 };
}

async function tokensFor(count: number, scope: string): Promise<string[]> {
  const jwt = { secret: benchSecret, issuer: null, audience: null, jwksUrl: null };
  return await Promise.all(Array.from({ length: count }, (_, n) => mintToken(jwt, { sub: `follower ${n}`, scope, expires: '1h' })));
}

async function createFollowers({ port }: { port: number }, tokens: readonly string[]): Promise<ChildProcess> {
  const child = fork(path.join(import.meta.dirname, '../event-followers.ts'));
  child.send({ port, tokens });
  const [answer] = (await once(child, 'message')) as [{ open?: number; failed?: string }];
  if (answer.open !== tokens.length) throw new Error(`Only some of the streams could be opened: ${answer.failed ?? ''}`);
  return child;
}

/** CPU of the API process per upload, one after the other. */
async function cpuOfUploads(product: Product, times: number): Promise<number> {
  const before = await cpuMs(product.pid);
  for (let upload = 0; upload < times; upload += 1) await uploadFile(product, place, file);
  return ((await cpuMs(product.pid)) - before) / times;
}

/** A server whose followers hear of each `tell`, which resolves when it was answered. */
type Teller = Pick<Floor, 'port' | 'pid'> & { tell(): Promise<void> };
/** Delays until followers heard, the time of a request meanwhile and CPU for each in ms, and memory in the end. */
type Telling = { p50: number; p99: number; meanwhile: number; cpu: number; residentMb: number };

/** Tells in pairs: the second is sent as soon as the first was answered, while its message is being sent. */
async function measureTelling(teller: Teller, { smoke }: BenchOptions, { count, tokens }: { count: number; tokens: readonly string[] }): Promise<Telling> {
  const times = smoke ? 2 : 20;
  const followers = await createFollowers(teller, tokens);
  const delays: number[] = [];
  const meanwhile: number[] = [];
  const before = await cpuMs(teller.pid);
  for (let pair = 0; pair < times; pair += 1) {
    await teller.tell();
    const began = performance.now();
    await teller.tell();
    meanwhile.push(performance.now() - began);
    for (let heard = 0; heard < 2 * count;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      followers.send('take');
      const [answer] = (await once(followers, 'message')) as [{ delays: number[] }];
      delays.push(...answer.delays);
      heard += answer.delays.length;
    }
  }
  const cpu = ((await cpuMs(teller.pid)) - before) / (2 * times);
  const resident = await residentMb(teller.pid);
  followers.disconnect();
  await once(followers, 'exit');
  return { p50: median(delays), p99: quantile(delays, 0.99), meanwhile: median(meanwhile), cpu, residentMb: resident };
}
