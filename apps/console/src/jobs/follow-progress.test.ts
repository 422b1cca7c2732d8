import type { SafelightEvent } from '@safelight/client';
import type { Job } from '@safelight/contract/jobs';
import { expect, test } from 'vitest';

import { followProgress } from './follow-progress.ts';

const job = (state: Job['state'], id = 'a'): Job => ({ id, state, progress: null, message: null }) as Job;
const half: SafelightEvent = { id: '', event: 'processing_progress', data: { at: '', jobId: 'a', progress: 0.5, message: 'resizing' } };

test('an event updates its own job, and no job that has ended', () => {
  const follow = followProgress(half);
  expect(follow?.(job('queued'))).toMatchObject({ state: 'active', progress: 0.5, message: 'resizing' });
  expect(follow?.(job('complete'))).toEqual(job('complete'));
  expect(follow?.(job('active', 'b'))).toEqual(job('active', 'b'));
});

test('an event without progress means that there is something to read', () => {
  expect(followProgress({ id: '', event: 'processing_started', data: { at: '', jobId: 'a' } })).toBeNull();
});
