import path from 'node:path';

import { median, type BenchOptions, type Result } from '../figures.ts';
import { startProduct } from '../product.ts';

/** From the command to "Safelight is ready" in a fresh directory, which makes a database first, and in one that has been used. */
export async function startUp({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const [first, second]: [number[], number[]] = [[], []];
  for (let round = 0; round < (smoke ? 1 : Math.min(rounds, 7)); round++) {
    const dataDir = path.join(directory, `data-${round}`);
    for (const times of [first, second]) {
      const product = await startProduct('start', { dataDir });
      times.push(product.readyMs);
      await product.stop();
    }
  }
  return {
    name: 'start-up',
    title: 'From the command to ready, everything in one process',
    figures: [
      { what: 'first start, makes its database', value: median(first), unit: 'ms', goal: 3000 },
      { what: 'second start', value: median(second), unit: 'ms', goal: 1500 },
    ],
    detail: { first, second },
  };
}
