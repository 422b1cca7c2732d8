import { CompiledQuery } from 'kysely';
import { PgBoss } from 'pg-boss';
import type pg from 'pg';

import type { Db } from '../lib/context.ts';
import type { Log } from '../lib/log.ts';
import type { JobId } from '../lib/ids.ts';
import type { JobLane } from './definitions.ts';
import type { Claim } from './queue-rows.ts';

export type Jobs = {
  /** Takes up to `most` jobs of the lane whose time has come, the most urgent first, and says that this process lives for them. */
  claim(lane: JobLane, most: number): Promise<(Claim & { data: Record<string, unknown> })[]>;
  close(): Promise<void>;
};

/**
 * Opens the queue for a worker; who only enqueues, reads or cancels needs none of it. Uses the caller's pool and leaves it open.
 * Any number of processes may do this at once. Throws when the database has no queue, or that of another version: migrate it.
 */
export async function openJobs(options: { pool: pg.Pool; db: Db; log: Log }): Promise<Jobs> {
  const { pool, db, log } = options;
  const boss = new PgBoss({
    db: { executeSql: async (text, values) => await pool.query(text, values) },
    // The tables come with our migrations.
    migrate: false,
    createSchema: false,
    schedule: false,
    // Only upkeep of its tables: dead workers are found by us, every second (requeueAbandoned), and told apart from hung ones.
    supervise: true,
    superviseIntervalSeconds: 60,
    // Jobs here do not wait for one another.
    flowIntervalSeconds: 3600,
    monitorVacuum: false,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'The job queue had an error; it goes on.'));
  boss.on('warning', (warning) => log.warn({ warning }, 'The job queue warns.'));
  try {
    await boss.start();
  } catch (cause) {
    await boss.stop({ graceful: false }).catch(() => undefined);
    throw new Error('The job queue cannot be opened. Run `safelight migrate` with this version of Safelight, and check that the database can be reached.', {
      cause,
    });
  }
  // Claims are asked often, and it pays that our connections prepare them (lib/prepare-statements.ts).
  const prepared = { executeSql: async (text: string, values: unknown[] = []) => await db.executeQuery(CompiledQuery.raw(text, values)) };
  return {
    async claim(lane, most) {
      const jobs = await boss.fetch<Record<string, unknown>>(lane, { batchSize: most, db: prepared });
      return jobs.map((job) => ({ id: job.id as JobId, lane, claim: job.retryCount, data: job.data }));
    },
    close: async () => await boss.stop({ graceful: false }),
  };
}
