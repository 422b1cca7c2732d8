import type { SafelightEvent } from '@safelight/client';
import { expect, test } from 'vitest';

import { appendEvent } from './append-event.ts';
import type { LoggedEvent } from './live.ts';

const progress = (jobId: string, value: number): SafelightEvent => ({ id: '', event: 'processing_progress', data: { at: '', jobId, progress: value } });
const started = (jobId: string): SafelightEvent => ({ id: '', event: 'processing_started', data: { at: '', jobId } });
const log = (...events: SafelightEvent[]): readonly LoggedEvent[] => events.reduce(appendEvent, []);

test('progress replaces the progress of its own job, even if other jobs reported in between', () => {
  const entries = log(started('a'), progress('a', 0.1), progress('b', 0.5), progress('a', 0.2));
  expect(entries.map(({ event }) => [event.data.jobId, 'progress' in event.data ? event.data.progress : null])).toEqual([
    ['a', null],
    ['a', 0.2],
    ['b', 0.5],
  ]);
  expect(new Set(entries.map(({ key }) => key)).size).toBe(3);
});

test('the log is limited and its keys are unique', () => {
  const entries = log(...Array.from({ length: 1000 }, (_, index) => started(String(index))));
  expect(entries).toHaveLength(400);
  expect(entries.at(-1)?.event.data.jobId).toBe('999');
  expect(new Set(entries.map(({ key }) => key)).size).toBe(400);
});
