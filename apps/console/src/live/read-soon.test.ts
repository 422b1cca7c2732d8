import { expect, test } from 'vitest';

import { readSoon } from './read-soon.ts';

test('reads once for a burst, and once more for requests during the read', async () => {
  const reading: (() => void)[] = [];
  const { ask } = readSoon(() => new Promise<void>((resolve) => reading.push(resolve)), 0);
  ask();
  ask();
  await expect.poll(() => reading.length).toBe(1);
  ask();
  ask();
  expect(reading).toHaveLength(1);
  reading[0]?.();
  await expect.poll(() => reading.length).toBe(2);
});

test('a failed read ends nothing, and after the end nothing is read', async () => {
  let readings = 0;
  const { ask, stop } = readSoon(async () => {
    readings += 1;
    return await Promise.reject(new Error('away'));
  }, 0);
  ask();
  await expect.poll(() => readings).toBe(1);
  ask();
  await expect.poll(() => readings).toBe(2);
  stop();
  ask();
  await new Promise(setImmediate);
  expect(readings).toBe(2);
});
