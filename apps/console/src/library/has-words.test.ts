import type { Media } from '@safelight/contract/media';
import { expect, test } from 'vitest';

import { hasWords } from './has-words.ts';

const media = {
  id: '0199c0de-0000-7000-8000-000000000001',
  originalFileName: 'SunsetBeach2_IMG1234.png',
  altText: 'A red barn',
  ownerId: 'bea@example.com',
  entity: { type: 'listing', id: '9f3a-b' },
} as Media;

test.each(['', 'sun', 'beach', '1234', 'RED barn', 'listing/9f3a', 'bea example', '0199c0de', media.id])('a search for %j finds the record', (asked) => {
  expect(hasWords(asked, media)).toBe(true);
});

test.each(['unset', 'barn blue', '9f3b', '0199c0df'])('a search for %j does not', (asked) => {
  expect(hasWords(asked, media)).toBe(false);
});
