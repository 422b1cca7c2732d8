import { expect, test } from 'vitest';

import { growthOf } from './limit-garbage.ts';

const mega = 2 ** 20;

test('a small heap may double, a large one may grow by less the larger it is, and always by something', () => {
  expect([30, 48].map((used) => growthOf(used * mega))).toEqual([200, 200]);
  expect([80, 100, 4_000].map((used) => growthOf(used * mega))).toEqual([30, 24, 20]);
});
