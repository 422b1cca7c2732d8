import { expect, test } from 'vitest';

import { attemptsAllowed, backoffSeconds, jobDefinitions, type JobName } from './definitions.ts';

const jobNames = Object.keys(jobDefinitions) as JobName[];
/** What a model or a service outside is paid for. */
const costsMoney = new Set<JobName>(['generate.image', 'generate.video', 'review']);
const away = { code: 'storage_unavailable' } as const;

test.each([away, { code: 'unavailable' } as const])('an outage ($code) is waited out in short steps, for more than a quarter of an hour', (error) => {
  const steps = Array.from({ length: attemptsAllowed('process', error) - 1 }, (_, index) => backoffSeconds('process', index + 1, error, 0.5));
  expect(Math.max(...steps)).toBeLessThanOrEqual(30);
  expect(steps.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThan(900);
});

test.each(jobNames.filter((name) => !costsMoney.has(name)))('an outage ends no job of the type %s, which costs nothing to try again', (name) => {
  const steps = Array.from({ length: attemptsAllowed(name, away) - 1 }, (_, index) => backoffSeconds(name, index + 1, away, 0.5));
  expect(steps.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThan(900);
});

test('after other failures, and if each attempt costs money, a job is tried as often as the table says', () => {
  expect(attemptsAllowed('process', { code: 'internal' })).toBe(jobDefinitions.process.maxAttempts);
  expect(attemptsAllowed('process', null)).toBe(jobDefinitions.process.maxAttempts);
  expect(attemptsAllowed('generate.image', away)).toBe(jobDefinitions['generate.image'].maxAttempts);
});
