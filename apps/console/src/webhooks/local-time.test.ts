import { expect, test } from 'vitest';

import { fromLocal, toLocal } from './local-time.ts';

test('a time that a field shows is read back as the same time, to the second', () => {
  for (const at of ['2026-01-02T03:04:05.000Z', '2026-07-31T23:59:59.000Z']) expect(fromLocal(toLocal(new Date(at)))).toBe(at);
  expect(toLocal(new Date(2026, 0, 2, 3, 4, 5))).toBe('2026-01-02T03:04:05');
});
