import { expect, test } from 'vitest';

import { hasAlready, isMeantFor } from './etags.ts';

test.each([
  ['no condition', undefined, true],
  ['any version', '*', true],
  ['this version', '"v3"', true],
  ['one of several', '"v1", "v3"', true],
  ['this version, weakened by a proxy', 'W/"v3"', true],
  ['another version', '"v2"', false],
  ['the number without its quotes', 'v3', false],
  ['a tag that ends in the middle', '"v3', false],
  ['the sign for weak in small', 'w/"v3"', false],
])('a change with %s', (_what, header, meant) => expect(isMeantFor(header, '"v3"')).toBe(meant));

test.each([
  ['says nothing of what it has', undefined, false],
  ['has anything', '*', true],
  ['has these bytes', 'W/"a", "b"', true],
  ['has other bytes', '"c"', false],
])('a reader that %s', (_what, header, has) => expect(hasAlready(header, '"b"')).toBe(has));
