import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { startFloor } from '../floor.ts';
import { getRequest } from '../load.ts';
import { startProduct } from '../product.ts';
import { takeTurns, type Cost } from '../take-turns.ts';
import { uploadPublic } from '../upload-file.ts';

const sizes = [
  { name: '1 KB', bytes: 1024, goal: 1.4 },
  { name: '1 MB', bytes: 2 ** 20, goal: 0.9 },
];

/** A public file through `/media/{opaque}`, which queries the database on every request, compared with the same bytes from bare `node:http`. */
export async function download({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const floorDirectory = path.join(directory, 'floor');
  const floor = await startFloor(floorDirectory);
  const product = await startProduct('serve', { dataDir: path.join(directory, 'data') });
  const figures: Figure[] = [];
  try {
    for (const { name, bytes, goal } of sizes) {
      const content = randomBytes(bytes);
      await writeFile(path.join(floorDirectory, String(bytes)), content);
      const [bare, ours] = [getRequest(`/${bytes}`), getRequest(await uploadPublic(product, content))];
      const costs = await takeTurns(
        { floor: { ...floor, expect: 200, request: () => bare }, product: { ...product, expect: 200, request: () => ours } },
        { rounds, smoke },
      );
      const figure = (what: string, kind: keyof Cost, most?: number): Figure =>
        ratioFigure(
          `${name}, ${what}`,
          'ms',
          costs.product.map((cost) => cost[kind]),
          costs.floor.map((cost) => cost[kind]),
          most,
        );
      figures.push(figure('wall', 'wall', goal), figure('CPU of the server process', 'own'), figure('CPU with Postgres', 'all'));
    }
    return { name: 'download', title: 'Download of a public file, 8 at once, against bare node:http', figures };
  } finally {
    await product.stop();
    floor.stop();
  }
}
