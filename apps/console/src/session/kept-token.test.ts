import { expect, test } from 'vitest';

import { tokenIn } from './kept-token.ts';

test('a token in the fragment is found', () => {
  expect(tokenIn('ey.J0.sig')).toBe('ey.J0.sig');
  expect(tokenIn('sl%5Fkey')).toBe('sl_key');
});

test.each(['', '%', '%zz', '%E0%A4%A', '%00', 'a%0ab', 'a b', '%F0%9F%93%B7', '%ed%a0%80'])('a fragment that cannot be a token (%j) gives none', (fragment) => {
  expect(tokenIn(fragment)).toBeNull();
});
