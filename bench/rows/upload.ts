import { randomBytes } from 'node:crypto';
import path from 'node:path';

import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { startFloor } from '../floor.ts';
import { formRequest, putRequest } from '../load.ts';
import { startProduct, type Product } from '../product.ts';
import { takeTurns, type Cost } from '../take-turns.ts';

const sizes = [
  { name: '1 KB', bytes: 1024, wall: 6, all: undefined },
  { name: '1 MB', bytes: 2 ** 20, wall: 1.5, all: 2.5 },
];

/**
 * `POST /v1/media` (form, ledger, digest, durable bytes, asset, job, event) compared with a bare server that writes, syncs and renames, and with one
 * that does not sync. No worker runs, so that only the upload is measured.
 */
export async function upload({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const floor = await startFloor(path.join(directory, 'floor'));
  const product = await startProduct('serve', { dataDir: path.join(directory, 'data') });
  const figures: Figure[] = [];
  try {
    for (const { name, bytes, wall, all } of sizes) {
      const content = randomBytes(bytes);
      const [durable, written] = [putRequest('/durable', content), putRequest('/written', content)];
      const costs = await takeTurns(
        {
          durable: { ...floor, expect: 201, request: () => durable },
          product: { ...product, expect: 202, request: uploadsTo(product, content) },
          written: { ...floor, expect: 201, request: () => written },
        },
        { rounds, smoke },
      );
      const figure = (what: string, kind: keyof Cost, against: readonly Cost[], most?: number): Figure =>
        ratioFigure(
          `${name}, ${what}`,
          'ms',
          costs.product.map((cost) => cost[kind]),
          against.map((cost) => cost[kind]),
          most,
        );
      figures.push(
        figure('wall', 'wall', costs.durable, wall),
        figure('CPU of the server process', 'own', costs.durable),
        figure('CPU with Postgres', 'all', costs.durable, all),
        figure('wall, floor that does not sync', 'wall', costs.written),
      );
    }
    return { name: 'upload', title: 'Direct upload, 8 at once, against bare node:http to disk', figures };
  } finally {
    await product.stop();
    floor.stop();
  }
}

/** Requests of one upload each; for a product of the shop only its share of the files. */
export function uploadsTo(product: Product, bytes: Buffer): () => readonly Buffer[] {
  let count = 0;
  return () => {
    count += 1;
    const fields = { collection: 'product.files', entityType: 'product', entityId: `bench-${bytes.length}-${Math.floor(count / 50)}` };
    return formRequest('/v1/media', product.token, fields, { name: 'bench.bin', type: 'application/octet-stream', bytes });
  };
}
