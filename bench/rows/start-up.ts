import path from 'node:path';

import { median, type BenchOptions, type Result } from '../figures.ts';
import { treeCpuMs } from '../processes.ts';
import { startProduct } from '../product.ts';

/** From the command to "Safelight is ready" in a new directory, which creates a database first, and in a used one. */
export async function startUp({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const starts = { first: { ms: [] as number[], cpuMs: [] as number[] }, second: { ms: [] as number[], cpuMs: [] as number[] } };
  for (let round = 0; round < (smoke ? 1 : Math.min(rounds, 7)); round++) {
    const dataDir = path.join(directory, `data-${round}`);
    for (const start of [starts.first, starts.second]) {
      const product = await startProduct('start', { dataDir });
      start.ms.push(product.readyMs);
      start.cpuMs.push(await treeCpuMs(product.pid));
      await product.stop();
    }
  }
  return {
    name: 'start-up',
    title: 'From the command to ready, everything in one process',
    figures: [
      { what: 'first start, makes its database', value: median(starts.first.ms), unit: 'ms', goal: 3000 },
      { what: 'first start, CPU of all processes', value: median(starts.first.cpuMs), unit: 'ms' },
      { what: 'second start', value: median(starts.second.ms), unit: 'ms', goal: 1500 },
      { what: 'second start, CPU of all processes', value: median(starts.second.cpuMs), unit: 'ms' },
    ],
    detail: starts,
  };
}
