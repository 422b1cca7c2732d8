import type { Media } from '@safelight/contract/media';
import { expect, test } from 'vitest';

import { describeState } from './describe-state.ts';

const record = (part: Partial<Media>): Media =>
  ({ status: 'ready', review: 'not_required', published: false, replaces: null, failure: null, ...part }) as Media;

test('says nothing about public media, and leaves a failure to its own notice', () => {
  expect(describeState(record({ published: true }))).toBeNull();
  expect(describeState(record({ status: 'failed' }))).toBeNull();
});

test('says what a hidden one waits for', () => {
  expect(describeState(record({ review: 'queued' }))).toMatch(/waits for a review/);
  expect(describeState(record({ status: 'processing', replaces: 'x' }))).toMatch(/The photo that it replaces is shown until then/);
  expect(describeState(record({ review: 'rejected', replaces: 'x' }))).toMatch(/the photo that it was to replace stays/);
});
