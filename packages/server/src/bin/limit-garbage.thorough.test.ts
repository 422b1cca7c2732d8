import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const mega = 2 ** 20;

/** Fills the heap at once, then replaces what it holds again and again, and prints in MB what is in use and the most that was. */
const growing = `
  import { getHeapStatistics } from 'node:v8';
  import { limitGarbage } from ${JSON.stringify(new URL('limit-garbage.ts', import.meta.url).href)};
  limitGarbage();
  const some = () => Array.from({ length: 1_000 }, (_, n) => ({ n }));
  const held = Array.from({ length: 2_500 }, some);
  const used = getHeapStatistics().used_heap_size;
  let most = 0;
  for (let turn = 0; turn < 8_000; turn += 1) {
    held[turn % held.length] = some();
    if (turn % 50 === 0) await new Promise(setImmediate);
    if (turn > 2_500) most = Math.max(most, getHeapStatistics().used_heap_size);
  }
  console.log(JSON.stringify({ used: used / ${mega}, most: most / ${mega} }));
`;

test('a heap that has just grown by far holds little garbage from its next collection on', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-semi-space-size=8', '--input-type=module', '-e', growing]);
  const { used, most } = JSON.parse(stdout) as { used: number; most: number };
  expect(used).toBeGreaterThan(80);
  // It was 2.5 times as much while the growth followed what had been in use seconds before.
  expect(most / used).toBeLessThan(2);
});
