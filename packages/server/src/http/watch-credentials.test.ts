import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { SafelightError } from '../lib/errors.ts';
import { watchCredentials } from './watch-credentials.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('notices within a minute that a token has expired or a key was revoked, and mistakes nothing else for that', async () => {
  let answer = async (): Promise<unknown> => ({ id: 'ada' });
  const refused = vi.fn();
  onTestFinished(watchCredentials(async () => await answer(), refused));
  for (const fine of [answer, async () => Promise.reject(new SafelightError('unavailable', 'Away.')), async () => Promise.reject(new Error('ECONNREFUSED'))]) {
    answer = fine;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(refused).not.toHaveBeenCalled();
  }
  answer = async () => Promise.reject(new SafelightError('unauthenticated', 'The token has expired. Sign in again.'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(refused).toHaveBeenCalledOnce();
});
