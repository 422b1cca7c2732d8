import { sql } from '#kysely';

import type { Clock } from './clock.ts';
import type { Db } from './context.ts';
import type { Log } from './log.ts';

/** What is slower than this says too little about the other clock; what differs by less is taken for the way there and back. */
const toleratedMs = 500;
const lookEveryMs = 15_000;

/**
 * The clock of the database, which all processes of an installation share. They give each other leases, expiries and undo windows by it: a machine
 * whose own clock is minutes ahead would take what others hold at this moment, and one that is behind would keep what has ended. It goes with the
 * clock of this machine as long as both agree, and looks again every 15 seconds, because clocks are set.
 */
export async function openSharedClock({ db, log }: { db: Db; log: Log }): Promise<Clock & { close(): void }> {
  let aheadMs = 0;
  const look = async (): Promise<void> => {
    const [sent, since] = [Date.now(), performance.now()];
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
    const tookMs = performance.now() - since;
    const [answer] = rows;
    if (answer === undefined || tookMs > toleratedMs) return;
    const found = answer.now.getTime() - (sent + tookMs / 2);
    const before = aheadMs;
    aheadMs = Math.abs(found) > toleratedMs ? Math.round(found) : 0;
    if (Math.abs(aheadMs - before) > toleratedMs)
      log.warn({ aheadMs }, 'The clock of the database and that of this machine differ; times are taken from the database. Let NTP set both.');
  };
  await look();
  // A database that is away is told of by what needs it.
  const timer = setInterval(() => void look().catch(() => undefined), lookEveryMs).unref();
  return { now: () => new Date(Date.now() + aheadMs), close: () => clearInterval(timer) };
}
