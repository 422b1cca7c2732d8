import { expect, test } from 'vitest';

import { describeRate } from './describe-rate.ts';

test.each([
  [{ pending: 0, delivered: 0, dead: 0 }, 'nothing yet'],
  [{ pending: 1, delivered: 0, dead: 0 }, '1 on its way'],
  [{ pending: 2, delivered: 3, dead: 1 }, '75 % of 4, 2 on their way'],
  [{ pending: 0, delivered: 99_999, dead: 1 }, '99.9 % of 100000'],
  [{ pending: 0, delivered: 5, dead: 0 }, '100 % of 5'],
])('%o is told as "%s"', (counts, words) => {
  expect(describeRate(counts)).toBe(words);
});
