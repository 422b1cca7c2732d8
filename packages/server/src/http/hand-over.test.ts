import { expect, test } from 'vitest';

import { redirectSeconds } from './hand-over.ts';

test('a URL at the provider is valid as long as a slow connection needs, within limits', () => {
  expect(redirectSeconds(1)).toBe(600);
  expect(redirectSeconds(50_000 * 900)).toBe(900);
  expect(redirectSeconds(50_000_000_000)).toBe(3 * 3600);
});
