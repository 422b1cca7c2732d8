import type { QueuedMedia } from '@safelight/contract/reviews';
import { expect, test } from 'vitest';

import { mergeItems, renewItems } from './queue-items.ts';

const item = (id: string, src: string, version = 1, by: string | null = null): QueuedMedia =>
  ({ id, src, version, review: 'queued', claim: by === null ? null : { by, until: '2030-01-01T00:00:00.000Z' } }) as QueuedMedia;

test('keeps the URLs of what has not changed, and learns who has it', () => {
  const [renewed] = renewItems([item('a', 'old')], [item('a', 'new', 1, 'ada')], false);
  expect(renewed).toEqual(item('a', 'old', 1, 'ada'));
  expect(renewItems([item('a', 'old')], [item('a', 'new', 2)], false)).toEqual([item('a', 'new', 2)]);
});

test('forgets what does not wait any more, but not what further pages brought', () => {
  const before = [item('a', '1'), item('b', '1'), item('c', '1')];
  expect(renewItems(before, [item('b', '2')], true).map(({ id }) => id)).toEqual(['b', 'c']);
  expect(renewItems(before, [item('b', '2')], false).map(({ id }) => id)).toEqual(['b']);
});

test('puts what was claimed at its place', () => {
  expect(mergeItems([item('a', '1'), item('c', '1')], [item('b', '1'), item('c', '2')]).map(({ id, src }) => id + src)).toEqual(['a1', 'b1', 'c2']);
});
