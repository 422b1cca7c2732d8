import { randomBytes, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';

import { openStore } from '../../packages/server/src/storage/open-store.ts';
import { bareAzure, bareFiles, bareGoogle, bareS3, type, type Bare, type Contest } from '../bare-stores.ts';
import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';

/** The cost of the adapters compared with their bare SDKs on the same counterpart. */
export async function adapters(options: BenchOptions): Promise<Result> {
  const figures: Figure[] = [];
  const missing: string[] = [];
  for (const start of [bareFiles, bareS3, bareAzure, bareGoogle]) {
    const contest = await start(options.directory);
    if (typeof contest === 'string') missing.push(contest);
    else figures.push(...(await compare(contest, options)));
  }
  return {
    name: 'adapters',
    title: 'Adapters against their bare SDK with the same checksums (1.11 × the time is 0.9 of its throughput)',
    figures,
    missing,
  };
}

/**
 * In a round the two sides take this many turns, one right after the other, and each pair of turns is a ratio of its own: other programs' work on a disk or
 * a processor lasts longer than a turn, or meets few of the pairs. What is put stays: an object goes to fresh memory and disk, as it does in use.
 */
const sizes = [
  { name: '64 KB', bytes: 65_536, turns: 6, inTurn: 16, atOnce: 8 },
  { name: '16 MB', bytes: 2 ** 24, turns: 4, inTurn: 2, atOnce: 2 },
];

type Cost = { wall: number; cpu: number };
type Work = 'put' | 'get';
type Costs = Record<Work, Cost[]>;

async function compare({ name: store, config, bare, stop }: Contest, { rounds, smoke }: BenchOptions): Promise<Figure[]> {
  const opened = await openStore(config);
  const ours: Bare = {
    put: (key, bytes) => opened.put(key, bytes, { contentType: type, bytes: bytes.length }),
    async get(key) {
      const object = await opened.get(key);
      if (object === null) throw new Error(`${store} has no ${key}`);
      return object.body;
    },
  };
  try {
    const figures: Figure[] = [];
    for (const { name, bytes, turns, inTurn, atOnce } of sizes) {
      const content = randomBytes(bytes);
      const spent: { ours: Costs; bare: Costs } = { ours: { put: [], get: [] }, bare: { put: [], get: [] } };
      const take = async (side: Bare, costs: Costs): Promise<void> => {
        const keys = Array.from({ length: inTurn }, () => `bench/${randomUUID()}`);
        costs.put.push(await costOf(keys, atOnce, async (key) => void (await side.put(key, content))));
        costs.get.push(await costOf(keys, atOnce, async (key) => await readToEnd(await side.get(key), bytes)));
      };
      const sides = [async () => await take(ours, spent.ours), async () => await take(bare, spent.bare)];
      const warming = smoke ? 0 : turns;
      const all = warming + (smoke ? 1 : rounds * turns);
      // The order changes, so that neither is always second.
      for (let turn = 0; turn < all; turn += 1) for (const side of turn % 2 === 0 ? sides : sides.toReversed()) await side();
      for (const work of ['put', 'get'] as const) {
        const of = (costs: Costs, kind: keyof Cost): number[] => costs[work].slice(warming).map((cost) => cost[kind]);
        const figure = (kind: keyof Cost, words: string, goal?: number): Figure =>
          ratioFigure(`${store}: ${work} ${name}, ${words}`, 'ms', of(spent.ours, kind), of(spent.bare, kind), goal);
        figures.push(figure('wall', 'wall', 1.11), figure('cpu', 'CPU of the client'));
      }
    }
    return figures;
  } finally {
    await opened.close();
    await stop();
  }
}

/** Milliseconds per object, with this many in progress. */
async function costOf(keys: readonly string[], atOnce: number, work: (key: string) => Promise<void>): Promise<Cost> {
  const [began, before] = [performance.now(), process.cpuUsage()];
  const waiting = keys.values();
  const lane = async (): Promise<void> => {
    for (const key of waiting) await work(key);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const [wall, { user, system }] = [performance.now() - began, process.cpuUsage(before)];
  return { wall: wall / keys.length, cpu: (user + system) / 1_000 / keys.length };
}

async function readToEnd(body: Readable, expected: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of body) bytes += (chunk as Buffer).length;
  if (bytes !== expected) throw new Error(`${bytes} bytes came of ${expected}`);
}
