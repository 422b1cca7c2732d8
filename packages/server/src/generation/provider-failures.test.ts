import { expect, test } from 'vitest';

import { usageIn } from './provider-failures.ts';

test('a usage count is kept as the provider said it', () => {
  const usage = { input_tokens: 3, details: { text: 'ä 🎬 \\ "' } };
  expect(usageIn({ usage }, 'usage')).toEqual(usage);
});

test.each([
  ['is no object', 7],
  ['holds a zero character', { note: 'a\0b' }],
  ['holds half of a pair', { note: 'a\ud83c' }],
  ['has a name with a zero character', { 'a\0b': 1 }],
  ['is endless', { note: 'x'.repeat(20_000) }],
])('a usage count that %s is dropped, since storing it would fail', (_what, usage) => {
  expect(usageIn({ usage }, 'usage')).toEqual({});
});
