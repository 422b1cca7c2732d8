import { expect, test } from 'vitest';

import { secondsUntil } from './schedule.ts';

const lengthOf = (random: number): number => {
  let seconds = 0;
  for (let step = 0, next = secondsUntil(step, { retryAfter: null, random: () => random }); next !== null;)
    [seconds, next] = [seconds + next, secondsUntil(++step, { retryAfter: null, random: () => random })];
  return seconds;
};

test('all attempts together last longer than three days, whatever the random pauses, and no longer than four', () => {
  expect(lengthOf(0)).toBeGreaterThan(3 * 86_400);
  expect(lengthOf(1)).toBeLessThan(4 * 86_400);
});

test('a receiver that asks for a pause gets it, but none longer than a day', () => {
  expect(secondsUntil(1, { retryAfter: 600 })).toBe(600);
  expect(secondsUntil(1, { retryAfter: 10 * 86_400 })).toBe(86_400);
  expect(secondsUntil(99, { retryAfter: 1 })).toBeNull();
});
