import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { startFloor, startTusLibrary } from '../floor.ts';
import { cpuMs, residentMb, treeCpuMs } from '../processes.ts';
import { startProduct } from '../product.ts';
import { expectStatus, sendBody } from '../send-body.ts';
import { sendTus, tusOf, type TusServer } from '../tus-client.ts';
import { startTusd } from '../tusd.ts';

const mebibyte = 2 ** 20;
/** A contender: how to run it once, and whose CPU and memory count for it. */
type Way = { pid: number; directory: string; send(): Promise<unknown> };
type Cost = { wall: number; own: number; all: number; memory: number };
type Work = { what: string; rounds: number; bytes: number; send(server: TusServer): Promise<unknown> };

/**
 * Resumable uploads to files on disk, compared with dedicated tus servers. Ours is durable when it answers, with a Postgres that syncs, and knows the
 * digest and the owner of each file; theirs write and do not sync, so the cost of syncing on a bare server is added to their time.
 */
export async function tus({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const places = { floor: path.join(directory, 'floor'), library: path.join(directory, 'library'), tusd: path.join(directory, 'tusd') };
  const [floor, library, tusd] = [await startFloor(places.floor), await startTusLibrary(places.library), await startTusd(places.tusd)];
  const product = await startProduct('serve', { dataDir: path.join(directory, 'data') });
  const peer = (port: number): TusServer => ({ url: `http://127.0.0.1:${port}/files/`, headers: {}, metadata: () => ({ filename: 'a.bin' }) });
  const figures: Figure[] = [];
  try {
    for (const work of workOf(smoke, rounds)) {
      const put = (name: string) => async (): Promise<unknown> =>
        await expectStatus(201, sendBody('PUT', `http://127.0.0.1:${floor.port}/${name}`, {}, pieces(work.bytes)));
      const ways: Record<string, Way> = {
        product: { pid: product.pid, directory: path.join(directory, 'data'), send: async () => await work.send(tusOf(product)) },
        '@tus/server': { pid: library.pid, directory: places.library, send: async () => await work.send(peer(library.port)) },
        ...(tusd && { tusd: { pid: tusd.pid, directory: places.tusd, send: async () => await work.send(peer(tusd.port)) } }),
        written: { pid: floor.pid, directory: places.floor, send: put('written') },
        durable: { pid: floor.pid, directory: places.floor, send: put('durable') },
      };
      figures.push(...figuresOf(work, await measureInTurns(ways, work.rounds)));
    }
    const missing = tusd === null ? ['tusd is not on PATH: its rows are left out, and with them the goals that it sets.'] : [];
    return { name: 'tus', title: 'Resumable uploads (tus) to files on disk', figures, missing };
  } finally {
    await product.stop();
    tusd?.stop();
    library.stop();
    floor.stop();
  }
}

const piece = randomBytes(mebibyte);
const pieces = (bytes: number): Buffer[] => Array.from({ length: Math.ceil(bytes / mebibyte) }, () => piece.subarray(0, Math.min(bytes, mebibyte)));

function workOf(smoke: boolean, rounds: number): Work[] {
  const large = (smoke ? 8 : 1024) * mebibyte;
  const middle = (smoke ? 8 : 64) * mebibyte;
  const count = smoke ? 16 : 200;
  return [
    {
      what: `${large / mebibyte} MB in one PATCH`,
      rounds: Math.min(rounds, 3),
      bytes: large,
      send: async (server) => await sendTus(server, [pieces(large)]),
    },
    {
      what: `${middle / mebibyte} MB in PATCHes of 8 MB`,
      rounds,
      bytes: middle,
      send: async (server) =>
        await withAgent(
          async (agent) =>
            await sendTus(
              server,
              Array.from({ length: middle / (8 * mebibyte) }, () => pieces(8 * mebibyte)),
              agent,
            ),
        ),
    },
    {
      what: `${count} files of 64 KB, 8 at once`,
      rounds,
      bytes: 65_536,
      send: async (server) =>
        await withAgent(async (agent) => {
          let next = 0;
          const worker = async (): Promise<void> => {
            while (next++ < count) await sendTus(server, [pieces(65_536)], agent);
          };
          await Promise.all(Array.from({ length: 8 }, worker));
        }),
    },
  ];
}

async function withAgent<T>(use: (agent: http.Agent) => Promise<T>): Promise<T> {
  const agent = new http.Agent({ keepAlive: true });
  try {
    return await use(agent);
  } finally {
    agent.destroy();
  }
}

async function measureInTurns(ways: Record<string, Way>, rounds: number): Promise<Map<string, Cost[]>> {
  const costs = new Map<string, Cost[]>();
  // The first round warms up the compiler.
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      const cost = await measure(way);
      if (round >= 0) costs.set(name, [...(costs.get(name) ?? []), cost]);
      await emptyDirectory(way.directory);
    }
  }
  return costs;
}

async function measure({ pid, send }: Way): Promise<Cost> {
  let memory = await residentMb(pid);
  const watch = setInterval(() => void residentMb(pid).then((now) => (memory = Math.max(memory, now))), 50);
  const [began, own, all] = [performance.now(), await cpuMs(pid), await treeCpuMs(pid)];
  await send();
  clearInterval(watch);
  return { wall: performance.now() - began, own: (await cpuMs(pid)) - own, all: (await treeCpuMs(pid)) - all, memory };
}

/** Uploaded files are not needed any more, and the next gigabyte needs the space. Database files are kept. */
async function emptyDirectory(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isFile() || file.includes('/postgres')) continue;
    if (((await stat(file).catch(() => null))?.size ?? 0) >= 8 * mebibyte) await rm(file, { force: true });
  }
}

function figuresOf({ what, bytes }: Work, costs: Map<string, Cost[]>): Figure[] {
  const of = (name: string, kind: keyof Cost): number[] => (costs.get(name) ?? []).map((cost) => cost[kind]);
  const isMany = bytes < mebibyte;
  const isLarge = !isMany && !what.includes('PATCHes');
  const syncing = of('durable', 'wall').map((durable, round) => Math.max(0, durable - (of('written', 'wall')[round] ?? durable)));
  const synced = (name: string): number[] => of(name, 'wall').map((wall, round) => wall + (isMany ? 0 : (syncing[round] ?? 0)));
  const figures: Figure[] = [];
  for (const name of ['tusd', '@tus/server']) {
    if (!costs.has(name)) continue;
    const isTusd = name === 'tusd';
    const wallGoal = isLarge ? (isTusd ? 1.3 : undefined) : isMany ? (isTusd ? undefined : 1.5) : isTusd ? 2.5 : undefined;
    figures.push(
      ratioFigure(`${what}, wall; ${name}${isMany ? '' : ' and what a sync takes'}`, 'ms', of('product', 'wall'), synced(name), wallGoal),
      ratioFigure(`${what}, CPU of the server; ${name}`, 'ms', of('product', 'own'), of(name, 'own'), isLarge && isTusd ? 2 : undefined),
    );
  }
  figures.push(ratioFigure(`${what}, CPU with Postgres; @tus/server`, 'ms', of('product', 'all'), of('@tus/server', 'all')));
  if (!isMany) figures.push(ratioFigure(`${what}, wall; node:http with sync`, 'ms', of('product', 'wall'), of('durable', 'wall')));
  if (isLarge) figures.push({ what: `${what}, most memory of the API process`, value: Math.max(...of('product', 'memory')), unit: 'MB', goal: 150 });
  return figures;
}
