import { expect, test } from 'vitest';

import { createSealing } from './sealing.ts';

const old = { id: 'k1', secret: 'a'.repeat(32) };
const fresh = { id: 'k2', secret: 'b'.repeat(32) };

test('sealed text reveals nothing, and can only be opened for the same subject', () => {
  const sealing = createSealing([old]);
  const sealed = sealing.seal('whsec_secret', 'endpoint 1');
  expect(sealed).not.toContain('secret');
  expect(sealing.open(sealed, 'endpoint 1')).toBe('whsec_secret');
  expect(sealing.open(sealed, 'endpoint 2')).toBeNull();
  expect(sealing.open(`${sealed.slice(0, -2)}AA`, 'endpoint 1')).toBeNull();
});

test('text that was sealed with an older key can be opened until that key is retired', () => {
  const sealed = createSealing([old]).seal('x', 'y');
  expect(createSealing([fresh, old]).open(sealed, 'y')).toBe('x');
  expect(createSealing([fresh, old]).isCurrent(sealed)).toBe(false);
  expect(createSealing([fresh]).open(sealed, 'y')).toBeNull();
});
