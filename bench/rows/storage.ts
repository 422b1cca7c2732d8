import { randomBytes, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';

import { openStore } from '../../packages/server/src/storage/open-store.ts';
import { bareAzure, bareFiles, bareGoogle, bareS3, type, type Bare, type Contest } from '../bare-stores.ts';
import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { walks } from '../store-walks.ts';

/** The cost of the adapters compared with their bare SDKs, and of walks and sweeps as a store grows. */
export async function storage(options: BenchOptions): Promise<Result> {
  const figures = [...(await throughput(options)), ...(await walks(options))];
  return {
    name: 'storage',
    title: 'Adapters against their bare SDK with the same checksums (time; 1.11 is 0.9 of its throughput), report and sweep against the size of a store',
    figures,
  };
}

/** In a round each side has this many turns, one after the other: a disk that others use slows down whoever is at it, for longer than a turn. */
const sizes = [
  { name: '64 KB', bytes: 65_536, turns: 6, inTurn: 16, atOnce: 8 },
  { name: '16 MB', bytes: 2 ** 24, turns: 4, inTurn: 4, atOnce: 2 },
];

async function throughput(options: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const start of [bareFiles, bareS3, bareAzure, bareGoogle]) {
    const contest = await start(options.directory);
    if (contest !== null) figures.push(...(await compare(contest, options)));
  }
  return figures;
}

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
    for (const { name, bytes, turns: allTurns, inTurn, atOnce } of sizes) {
      const turns = smoke ? 1 : allTurns;
      const content = randomBytes(bytes);
      const times = { put: { ours: [] as number[], bare: [] as number[] }, get: { ours: [] as number[], bare: [] as number[] } };
      const contenders = [['ours', ours] as const, ['bare', bare] as const];
      // The first round compiles and connects, and does not count.
      for (let round = 0; round <= rounds; round++) {
        const spent = { put: { ours: 0, bare: 0 }, get: { ours: 0, bare: 0 } };
        for (let turn = 0; turn < turns; turn++) {
          // The order changes, so that neither is always second.
          for (const [who, side] of (round + turn) % 2 === 0 ? contenders : contenders.toReversed()) {
            const keys = Array.from({ length: smoke ? 4 : inTurn }, () => `bench/${randomUUID()}`);
            spent.put[who] += await timed(keys, atOnce, async (key) => void (await side.put(key, content)));
            spent.get[who] += await timed(keys, atOnce, async (key) => await readToEnd(await side.get(key), bytes));
          }
        }
        if (round === 0) continue;
        for (const what of ['put', 'get'] as const) for (const who of ['ours', 'bare'] as const) times[what][who].push(spent[what][who] / turns);
      }
      for (const what of ['put', 'get'] as const) figures.push(ratioFigure(`${store}: ${what} ${name}`, 'ms', times[what].ours, times[what].bare, 1.11));
    }
    return figures;
  } finally {
    await opened.close();
    await stop();
  }
}

/** Milliseconds per object, with this many in progress. */
async function timed(keys: readonly string[], atOnce: number, work: (key: string) => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const waiting = keys.values();
  const lane = async (): Promise<void> => {
    for (const key of waiting) await work(key);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (performance.now() - startedAt) / keys.length;
}

async function readToEnd(body: Readable, expected: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of body) bytes += (chunk as Buffer).length;
  if (bytes !== expected) throw new Error(`${bytes} bytes came of ${expected}`);
}
