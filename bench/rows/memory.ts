import { randomBytes } from 'node:crypto';
import path from 'node:path';

import type { BenchOptions, Figure, Result } from '../figures.ts';
import { getRequest, load } from '../load.ts';
import { residentMb, treeMemoryMb } from '../processes.ts';
import { startProduct } from '../product.ts';
import { uploadPublic } from '../upload-file.ts';
import { uploadsTo } from './upload.ts';

/** The memory of the API process when it is ready and after uploads and downloads, and of all processes together. */
export async function memory({ smoke, directory }: BenchOptions): Promise<Result> {
  const figures: Figure[] = [];
  for (const command of ['serve', 'start'] as const) {
    const product = await startProduct(command, { dataDir: path.join(directory, command) });
    try {
      await fetch(`${product.url}/readyz`);
      const what = command === 'serve' ? 'API process' : 'API and worker in one process';
      figures.push({ what: `${what}, at start`, value: await residentMb(product.pid), unit: 'MB', ...(command === 'serve' ? { goal: 160 } : {}) });
      figures.push({ what: `${what}, with Postgres, at start`, value: await treeMemoryMb(product.pid), unit: 'MB' });
      if (command === 'start') continue;
      const content = randomBytes(2 ** 20);
      const get = getRequest(await uploadPublic(product, content));
      const forMs = smoke ? 300 : 5_000;
      await load({ port: product.port, connections: 8, forMs, expect: 200, request: () => get });
      await load({ port: product.port, connections: 8, forMs, expect: 202, request: uploadsTo(product, content) });
      figures.push({ what: `${what}, after load`, value: await residentMb(product.pid), unit: 'MB', goal: 200 });
      figures.push({ what: `${what}, with Postgres, after load`, value: await treeMemoryMb(product.pid), unit: 'MB' });
    } finally {
      await product.stop();
    }
  }
  return { name: 'memory', title: 'Memory', figures };
}
