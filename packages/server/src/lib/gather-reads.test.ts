import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { gatherReads } from './gather-reads.ts';

function reading(mostAtOnce = 3): { read: (key: string) => Promise<string | undefined>; asked: (readonly string[])[] } {
  const asked: (readonly string[])[] = [];
  const read = gatherReads<string, string>(async (keys) => {
    asked.push(keys);
    await nextTurn();
    if (keys.includes('broken')) throw new Error('lost');
    return new Map(keys.filter((key) => key !== 'missing').map((key) => [key, `found ${key}`]));
  }, mostAtOnce);
  return { read, asked };
}

test('what is asked for in one turn is read at once, each key once, and each caller gets its own', async () => {
  const { read, asked } = reading();
  expect(await Promise.all([read('a'), read('missing'), read('a'), read('b')])).toEqual(['found a', undefined, 'found a', 'found b']);
  expect(asked).toEqual([['a', 'missing', 'b']]);
});

test('what is asked for after a read began is read anew: nothing is remembered', async () => {
  const { read, asked } = reading();
  const first = read('a');
  await nextTurn();
  expect(asked).toEqual([['a']]);
  expect(await Promise.all([first, read('a')])).toEqual(['found a', 'found a']);
  expect(asked).toEqual([['a'], ['a']]);
});

test('no read has more keys than it may; the others have their own, at the same time', async () => {
  const { read, asked } = reading();
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  expect(await Promise.all(keys.map(read))).toEqual(keys.map((key) => `found ${key}`));
  expect(asked).toEqual([['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]);
});

test('a read that fails fails for those who asked for it, and the next is a new one', async () => {
  const { read } = reading();
  const outcomes = await Promise.allSettled([read('broken'), read('a')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await read('a')).toBe('found a');
});
