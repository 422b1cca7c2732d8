import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { startFloor } from '../floor.ts';
import { getRequest, load } from '../load.ts';
import { cpuMs, treeCpuMs } from '../processes.ts';
import { startProduct } from '../product.ts';
import { uploadPublic } from '../upload-file.ts';

const sizes = [
  { name: '1 KB', bytes: 1024, goal: 2.5 },
  { name: '1 MB', bytes: 2 ** 20, goal: 1.3 },
];

/** A public file through `/media/{opaque}`, which asks the database on every request, against the same bytes streamed by bare `node:http`. */
export async function download({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const floorDirectory = path.join(directory, 'floor');
  const floor = await startFloor(floorDirectory);
  const product = await startProduct('serve', { dataDir: path.join(directory, 'data') });
  const figures: Figure[] = [];
  try {
    for (const { name, bytes, goal } of sizes) {
      const content = randomBytes(bytes);
      await writeFile(path.join(floorDirectory, String(bytes)), content);
      const pathname = await uploadPublic(product, content);
      const measure = async (server: { port: number; pid: number }, asked: string, forMs: number) => {
        const request = getRequest(asked);
        const [before, treeBefore] = [await cpuMs(server.pid), await treeCpuMs(server.pid)];
        const { requests, wallMs } = await load({ port: server.port, connections: 8, forMs, expect: 200, request: () => request });
        return { wall: wallMs / requests, cpu: ((await cpuMs(server.pid)) - before) / requests, all: ((await treeCpuMs(server.pid)) - treeBefore) / requests };
      };
      const forMs = smoke ? 300 : 1500;
      const [ours, bare] = [[], []] as { wall: number; cpu: number; all: number }[][];
      // The first round warms both up.
      for (let round = 0; round <= rounds; round++) {
        const floorRound = await measure(floor, `/${bytes}`, forMs);
        const productRound = await measure(product, pathname, forMs);
        if (round === 0) continue;
        bare?.push(floorRound);
        ours?.push(productRound);
      }
      for (const [kind, what, limit] of [
        ['cpu', `${name}, CPU of the server process`, goal],
        ['wall', `${name}, wall`, goal],
        ['all', `${name}, CPU with Postgres`, undefined],
      ] as const) {
        figures.push(ratioFigure(what, 'ms', ours?.map((r) => r[kind]) ?? [], bare?.map((r) => r[kind]) ?? [], limit));
      }
    }
    return { name: 'download', title: 'Download of a public file, 8 at once, against bare node:http', figures };
  } finally {
    await product.stop();
    floor.stop();
  }
}
