import { expect, test } from 'vitest';

import { compareKeys } from '../storage/compare-keys.ts';
import { mergeByKey } from './merge-by-key.ts';

async function* streamOf(keys: readonly string[]): AsyncGenerator<{ key: string }, void> {
  for (const key of keys) yield { key };
}

const mergeOf = async (left: readonly string[], right: readonly string[]): Promise<string[]> => {
  const answer: string[] = [];
  for await (const pair of mergeByKey(streamOf(left), streamOf(right))) {
    for (const side of [pair.left, pair.right]) if (side !== null) expect(side.key).toBe(pair.key);
    answer.push(`${pair.left === null ? ' ' : 'L'}${pair.right === null ? ' ' : 'R'} ${pair.key}`);
  }
  return answer;
};

/** Names that sort differently by bytes, by UTF-16 units and by locale. */
const alphabet = ['a', 'B', 'b', '/', '-', '.', '0', 'é', 'z', '\uE000', '\u{1F600}', '\uFFFD'];

test('returns every key of either side once, in byte order, with the items of both sides', async () => {
  for (let round = 0; round < 300; round++) {
    const random = (below: number): number => Math.floor(Math.random() * below);
    const key = (): string => Array.from({ length: 1 + random(4) }, () => alphabet[random(alphabet.length)]).join('');
    const keys = [...new Set(Array.from({ length: random(40) }, key))].sort(compareKeys);
    const left = keys.filter(() => random(3) > 0);
    const right = keys.filter(() => random(3) > 0);
    const expected = keys
      .filter((one) => left.includes(one) || right.includes(one))
      .map((one) => `${left.includes(one) ? 'L' : ' '}${right.includes(one) ? 'R' : ' '} ${one}`);
    expect(await mergeOf(left, right), JSON.stringify({ left, right })).toEqual(expected);
  }
});

test.each([
  ['a side that is out of order', ['b', 'a'], []],
  ['a side that repeats a key', [], ['a', 'a']],
  ['a side that sorts by UTF-16 units', ['\u{1F600}', '\uE000'], []],
])('fails over %s, because what it skipped would look as if it were missing', async (_what, left, right) => {
  await expect(mergeOf(left, right)).rejects.toThrow(/not in byte order/);
});

test('closes both sides if its reader stops early', async () => {
  const ended: string[] = [];
  async function* endless(name: string): AsyncGenerator<{ key: string }, void> {
    try {
      for (let i = 0; ; i++) yield { key: String(i).padStart(9, '0') };
    } finally {
      ended.push(name);
    }
  }
  for await (const { key } of mergeByKey(endless('left'), endless('right'))) if (key === '000000003') break;
  expect(ended.sort()).toEqual(['left', 'right']);
});
