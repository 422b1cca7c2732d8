import { expect, test } from 'vitest';

import { howManyEncoders } from './how-many-encoders.ts';

const gibibyte = 2 ** 30;

test.each([
  ['cores, where memory is plenty', { cores: 2, memoryBytes: 64 * gibibyte, configured: null }, 2],
  ['memory, where cores are many', { cores: 32, memoryBytes: 4 * gibibyte, configured: null }, 4],
  ['neither, for one always is', { cores: 8, memoryBytes: gibibyte / 2, configured: null }, 1],
  ['the operator, who knows better', { cores: 2, memoryBytes: gibibyte, configured: 6 }, 6],
])('how many recordings are encoded at once is decided by %s', (_what, machine, expected) => {
  expect(howManyEncoders(machine)).toBe(expected);
});
