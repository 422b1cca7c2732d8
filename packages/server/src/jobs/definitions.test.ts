import { expect, test } from 'vitest';

import { attemptsAllowed, backoffSeconds, jobDefinitions } from './definitions.ts';

const away = { code: 'storage_unavailable' } as const;

test('an outage of storage is waited out in short steps, for more than a quarter of an hour', () => {
  const steps = Array.from({ length: attemptsAllowed('process', away) - 1 }, (_, index) => backoffSeconds('process', index + 1, away, 0.5));
  expect(Math.max(...steps)).toBeLessThanOrEqual(30);
  expect(steps.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThan(900);
});

test('whatever else went wrong, and what costs money with each attempt, is tried as often as the table says', () => {
  expect(attemptsAllowed('process', { code: 'internal' })).toBe(jobDefinitions.process.maxAttempts);
  expect(attemptsAllowed('process', null)).toBe(jobDefinitions.process.maxAttempts);
  expect(attemptsAllowed('generate.image', away)).toBe(jobDefinitions['generate.image'].maxAttempts);
});
