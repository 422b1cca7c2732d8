import { expect, test } from 'vitest';

import { giveBack } from './give-back.ts';

test('memory that only these bytes use is freed at once', () => {
  const bytes = Buffer.alloc(65_536, 1);
  giveBack([bytes]);
  expect(bytes).toHaveLength(0);
});

test('memory that others use too is left alone, and so is what is small', () => {
  const whole = Buffer.alloc(131_072, 1);
  const [part, small] = [whole.subarray(0, 65_536), Buffer.alloc(1_000, 1)];
  giveBack([part, small]);
  expect(whole.every((byte) => byte === 1)).toBe(true);
  expect(small).toHaveLength(1_000);
});
