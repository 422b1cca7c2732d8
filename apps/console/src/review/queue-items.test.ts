import type { QueuedMedia } from '@safelight/contract/reviews';
import { expect, test } from 'vitest';

import { keepPictures, mergeItems } from './queue-items.ts';

const item = (id: string, src: string, version = 1, by: string | null = null): QueuedMedia =>
  ({ id, src, version, review: 'queued', claim: by === null ? null : { by, until: '2030-01-01T00:00:00.000Z' } }) as QueuedMedia;

test('keeps the URLs of unchanged items, and updates who has claimed them', () => {
  const [renewed] = keepPictures([item('a', 'old')], [item('a', 'new', 1, 'ada')]);
  expect(renewed).toEqual(item('a', 'old', 1, 'ada'));
  expect(keepPictures([item('a', 'old')], [item('a', 'new', 2)])).toEqual([item('a', 'new', 2)]);
});

test('inserts a claimed item at its position', () => {
  expect(mergeItems([item('a', '1'), item('c', '1')], [item('b', '1'), item('c', '2')]).map(({ id, src }) => id + src)).toEqual(['a1', 'b1', 'c2']);
});
