import { expect, test } from 'vitest';

import { describeSpan, timesOf } from './job-times.ts';

const at = (seconds: number): string => new Date(Date.UTC(2030, 0, 1, 0, 0, seconds)).toISOString();

test('the time that a job waited between its attempts is separate from the time that it ran', () => {
  const tries = [
    { startedAt: at(4), endedAt: at(10), error: null },
    { startedAt: at(30), endedAt: null, error: null },
  ];
  expect(timesOf({ createdAt: at(0), tries }, Date.parse(at(35)))).toEqual({ workedMs: 11_000, waitedMs: 24_000 });
  expect(timesOf({ createdAt: at(0), tries, finishedAt: at(32) }, Date.parse(at(99)))).toEqual({ workedMs: 8_000, waitedMs: 24_000 });
  expect(timesOf({ createdAt: at(0), tries: [] }, Date.parse(at(7)))).toEqual({ workedMs: 0, waitedMs: 7_000 });
});

test.each([
  [240, '0.2 s'],
  [12_400, '12 s'],
  [61_000, '1 min 1 s'],
  [5_400_000, '1.5 h'],
  [3 * 86_400_000, '3 days'],
])('%i ms is said as %s', (ms, words) => {
  expect(describeSpan(ms)).toBe(words);
});
