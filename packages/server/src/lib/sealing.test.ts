import { expect, test } from 'vitest';

import { createSealing } from './sealing.ts';

const old = { id: 'k1', secret: 'a'.repeat(32) };
const fresh = { id: 'k2', secret: 'b'.repeat(32) };

test('what is sealed says nothing, and opens again for the same thing only', () => {
  const sealing = createSealing([old]);
  const sealed = sealing.seal('whsec_secret', 'endpoint 1');
  expect(sealed).not.toContain('secret');
  expect(sealing.open(sealed, 'endpoint 1')).toBe('whsec_secret');
  expect(sealing.open(sealed, 'endpoint 2')).toBeNull();
  expect(sealing.open(`${sealed.slice(0, -2)}AA`, 'endpoint 1')).toBeNull();
});

test('what an older key has sealed opens until that key is retired', () => {
  const sealed = createSealing([old]).seal('x', 'y');
  expect(createSealing([fresh, old]).open(sealed, 'y')).toBe('x');
  expect(createSealing([fresh, old]).isCurrent(sealed)).toBe(false);
  expect(createSealing([fresh]).open(sealed, 'y')).toBeNull();
});
