import { randomBytes } from 'node:crypto';
import path from 'node:path';

import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { startFloor } from '../floor.ts';
import { formRequest, load, putRequest } from '../load.ts';
import { cpuMs, treeCpuMs } from '../processes.ts';
import { startProduct, type Product } from '../product.ts';

const sizes = [
  { name: '1 KB', bytes: 1024, goal: undefined },
  { name: '1 MB', bytes: 2 ** 20, goal: 1.5 },
];
type Round = { wall: number; cpu: number; all: number };

/**
 * `POST /v1/media` (form, ledger, digest, durable bytes, asset, job, event) against a bare server that writes, syncs and renames, and
 * against one that does not even sync. No worker runs, so that nothing but the upload is measured.
 */
export async function upload({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const floor = await startFloor(path.join(directory, 'floor'));
  const product = await startProduct('serve', { dataDir: path.join(directory, 'data') });
  const figures: Figure[] = [];
  try {
    for (const { name, bytes, goal } of sizes) {
      const content = randomBytes(bytes);
      const measure = async (server: { port: number; pid: number }, expect: number, request: () => readonly Buffer[]): Promise<Round> => {
        const [before, allBefore] = [await cpuMs(server.pid), await treeCpuMs(server.pid)];
        const { requests, wallMs } = await load({ port: server.port, connections: 8, forMs: smoke ? 300 : 1500, expect, request });
        return { wall: wallMs / requests, cpu: ((await cpuMs(server.pid)) - before) / requests, all: ((await treeCpuMs(server.pid)) - allBefore) / requests };
      };
      const [ours, durable, written]: [Round[], Round[], Round[]] = [[], [], []];
      const next = uploads(product, content);
      // The first round warms all up.
      for (let round = 0; round <= rounds; round++) {
        const made = [
          await measure(floor, 201, () => putRequest('/durable', content)),
          await measure(product, 202, next),
          await measure(floor, 201, () => putRequest('/written', content)),
        ];
        if (round > 0) for (const [place, one] of made.entries()) [durable, ours, written][place]?.push(one);
      }
      const of = (kind: keyof Round, list: Round[]): number[] => list.map((round) => round[kind]);
      figures.push(
        ratioFigure(`${name}, wall`, 'ms', of('wall', ours), of('wall', durable), goal),
        ratioFigure(`${name}, CPU of the server process`, 'ms', of('cpu', ours), of('cpu', durable), goal),
        ratioFigure(`${name}, CPU with Postgres`, 'ms', of('all', ours), of('all', durable)),
        ratioFigure(`${name}, wall, floor that does not sync`, 'ms', of('wall', ours), of('wall', written)),
      );
    }
    return { name: 'upload', title: 'Direct upload, 8 at once, against bare node:http to disk', figures };
  } finally {
    await product.stop();
    floor.stop();
  }
}

/** Requests of one upload each; a product gets its share of files, not all of them. */
function uploads(product: Product, bytes: Buffer): () => readonly Buffer[] {
  let count = 0;
  return () => {
    count += 1;
    const fields = { collection: 'product.files', entityType: 'product', entityId: `bench-${bytes.length}-${Math.floor(count / 50)}` };
    return formRequest('/v1/media', product.token, fields, { name: 'bench.bin', type: 'application/octet-stream', bytes });
  };
}
