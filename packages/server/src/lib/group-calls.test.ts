import { expect, test } from 'vitest';

import { groupCalls, type Grouping } from './group-calls.ts';
import { inSpan, traceTo } from './in-span.ts';

/** Doubles numbers; a run lasts until `end` is called, and a negative number makes its run fail. */
function doubling(options: Partial<Grouping<object, number, number>> = {}) {
  const runs: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const site = {};
  const grouped = groupCalls<object, number, number>({
    async run(_site, items) {
      runs.push(items);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.push(resolve);
      await promise;
      if (items.some((item) => item < 0)) throw new RangeError('below zero');
      return items.map((item) => item * 2);
    },
    mostAtOnce: 3,
    failsForAll: () => false,
    ...options,
  });
  const double = async (item: number, at: object = site): Promise<number> => await grouped(at, item);
  const end = async (run: number): Promise<void> => {
    await expect.poll(() => ends.length).toBeGreaterThan(run);
    ends[run]?.();
  };
  return { double, runs, end };
}

test('calls that come during a run go together after it, each with its own result', async () => {
  const { double, runs, end } = doubling();
  const first = double(1);
  await expect.poll(() => runs).toEqual([[1]]);
  const others = [2, 3, 4, 5].map((item) => double(item));
  await end(0);
  expect(await first).toBe(2);
  await end(1);
  await end(2);
  expect(await Promise.all(others)).toEqual([4, 6, 8, 10]);
  expect(runs).toEqual([[1], [2, 3, 4], [5]]);
});

test('what makes a run fail fails alone', async () => {
  const { double, runs, end } = doubling();
  const answers = Promise.allSettled([1, -1, 2].map((item) => double(item)));
  for (const run of [0, 1, 2, 3]) await end(run);
  expect(await answers).toMatchObject([{ value: 2 }, { reason: { message: 'below zero' } }, { value: 4 }]);
  expect(runs).toEqual([[1, -1, 2], [1], [-1], [2]]);
});

test('a failure that would hit each call too is told to all of them at once, and the next ones run', async () => {
  const { double, runs, end } = doubling({ failsForAll: () => true });
  const answers = Promise.allSettled([1, -1, 2].map((item) => double(item)));
  await end(0);
  expect(await answers).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }, { status: 'rejected' }]);
  const next = double(5);
  await end(1);
  expect(await next).toBe(10);
  expect(runs).toEqual([[1, -1, 2], [5]]);
});

test('calls of another key wait for nobody', async () => {
  const { double, runs, end } = doubling({ keyOf: (item) => (item % 2 === 0 ? 'even' : 'odd') });
  const odd = double(1);
  const even = double(2);
  await expect.poll(() => runs).toEqual([[1], [2]]);
  await end(1);
  expect(await even).toBe(4);
  await end(0);
  expect(await odd).toBe(2);
});

test('calls at another site wait for nobody', async () => {
  const { double, runs, end } = doubling();
  const here = double(1);
  const there = double(2, {});
  await expect.poll(() => runs).toEqual([[1], [2]]);
  await end(1);
  expect(await there).toBe(4);
  await end(0);
  expect(await here).toBe(2);
});

test('calls behind a run that takes long begin beside it', async () => {
  const { double, runs, end } = doubling({ patienceMs: 5 });
  const first = double(1);
  await expect.poll(() => runs).toEqual([[1]]);
  const second = double(2);
  await end(1);
  expect(await second).toBe(4);
  await end(0);
  expect(await first).toBe(2);
});

test('a run belongs to the trace of the first of its calls, not of an earlier run', async () => {
  const ended: { name: string; parent: string | undefined }[] = [];
  traceTo((span, parent) => ({
    traceparent: span.name,
    traceId: span.name,
    note: () => undefined,
    fail: () => undefined,
    end: () => void ended.push({ name: span.name, parent: parent?.traceparent }),
  }));
  try {
    const record = groupCalls<object, string, string>({
      run: async (_site, items) => await inSpan({ name: `run of ${items.join(' and ')}`, kind: 'client' }, async () => items),
      failsForAll: () => false,
    });
    const site = {};
    const request = async (name: string) => await inSpan({ name, kind: 'server' }, async () => await record(site, name));
    const first = request('a');
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, request('b'), request('c')]);
  } finally {
    traceTo(null);
  }
  expect(ended.filter(({ name }) => name.startsWith('run'))).toEqual([
    { name: 'run of a', parent: 'a' },
    { name: 'run of b and c', parent: 'b' },
  ]);
});

test('a call that comes just after a run has ended runs too, however soon it comes', async () => {
  const double = groupCalls<object, number, number>({
    run: async (_site, items) => await Promise.resolve(items.map((item) => item * 2)),
    failsForAll: () => false,
  });
  for (let ticks = 0; ticks < 20; ticks++) {
    const site = {};
    await double(site, 1);
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    const second = await Promise.race([double(site, 2), new Promise((resolve) => setTimeout(resolve, 2_000, `lost after ${ticks} ticks`))]);
    expect(second).toBe(4);
  }
});
