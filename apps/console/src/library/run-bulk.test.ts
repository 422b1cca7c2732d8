import { expect, test } from 'vitest';

import { runBulk, type BulkProgress } from './run-bulk.ts';

test('runs each once, reports progress, and continues after a failure', async () => {
  const told: BulkProgress<number>[] = [];
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const acted: number[] = [];
  const act = async (item: number): Promise<void> => {
    acted.push(item);
    await Promise.resolve();
    if (item === 7) throw new Error('seven');
  };
  const { done, failures } = await runBulk(numbers, act, { signal: new AbortController().signal, onProgress: (progress) => told.push(progress) });
  expect(acted.toSorted((a, b) => a - b)).toEqual(numbers);
  expect(done).toHaveLength(19);
  expect(failures).toEqual([{ item: 7, problem: new Error('seven') }]);
  expect(told.map((progress) => progress.done)).toEqual(Array.from({ length: 21 }, (_, index) => index));
});

test('starts no more once it is stopped', async () => {
  const stop = new AbortController();
  const acted: number[] = [];
  const { done } = await runBulk(
    Array.from({ length: 20 }, (_, index) => index),
    async (item) => {
      acted.push(item);
      if (item === 2) stop.abort();
      await Promise.resolve();
    },
    { signal: stop.signal, onProgress: () => undefined },
  );
  expect(acted.length).toBeLessThan(8);
  expect(done).toEqual(acted);
});
