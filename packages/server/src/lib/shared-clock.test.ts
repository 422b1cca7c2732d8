import { expect, onTestFinished, test, vi } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { createLog } from './log.ts';
import { openSharedClock } from './shared-clock.ts';

const { db } = await testDatabase();
const minutes = 60_000;
const real = Date.now;

async function clockOn(apartMs: number) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const setTo = (ms: number): void => void vi.spyOn(Date, 'now').mockImplementation(() => real() + ms);
  setTo(apartMs);
  const log = createLog({ level: 'silent' });
  const warn = vi.spyOn(log, 'warn');
  const clock = await openSharedClock({ db, log });
  onTestFinished(() => {
    clock.close();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  return { clock, warn, setTo };
}

test.each([-5, 5])('processes share the clock of the database, on a machine whose own is %i minutes off too', async (off) => {
  const { clock, warn } = await clockOn(off * minutes);
  expect(Math.abs(clock.now().getTime() - real())).toBeLessThan(minutes);
  expect(warn).toHaveBeenCalledOnce();
});

test('a machine whose clock agrees with the database goes by its own', async () => {
  const { clock, warn, setTo } = await clockOn(0);
  setTo(7);
  const now = clock.now().getTime();
  expect(Math.abs(now - 7 - real())).toBeLessThan(minutes);
  expect(warn).not.toHaveBeenCalled();
});

test('a clock that is set back while the process runs is noticed', async () => {
  const { clock, setTo } = await clockOn(0);
  setTo(-30 * minutes);
  await vi.advanceTimersByTimeAsync(15_000);
  await expect.poll(() => Math.abs(clock.now().getTime() - real())).toBeLessThan(minutes);
});
