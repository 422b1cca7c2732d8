import { expect, test } from 'vitest';

import { cutAddress } from './client-hash.ts';

test('of an address only its network counts, however it is written', () => {
  expect(cutAddress('203.0.113.77')).toBe('203.0.113');
  expect(cutAddress('::ffff:203.0.113.1')).toBe('203.0.113');
  expect(cutAddress('2001:db8:1:2::5')).toBe('2001:db8:1');
  expect(cutAddress('2001:0DB8:0001:ffff:1:2:3:4')).toBe('2001:db8:1');
  expect(cutAddress('2001:db8::1')).toBe('2001:db8:0');
  expect(cutAddress('::1')).toBe('0:0:0');
});
