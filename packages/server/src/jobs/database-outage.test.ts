import { sql } from '#kysely';
import pg from 'pg';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { startFaultProxy } from '../../test/support/fault-proxy.ts';
import { enqueueOne, jobInState, testWorker } from '../../test/support/jobs.ts';
import { openDatabase } from '../lib/database.ts';
import { createLog } from '../lib/log.ts';
import { transact } from '../lib/transact.ts';
import type { JobId } from '../lib/ids.ts';
import { jobDefinitions } from './definitions.ts';
import { runJobsNow } from './run-jobs-now.ts';
import type { JobHandler } from './running-job.ts';

const { db, connectionString } = await testDatabase();
const sweepFailed = 'Could not look for jobs whose worker died.';
const isSilent = async (id: JobId): Promise<boolean> =>
  (await sql`select from job where id = ${id}::uuid and heartbeat_at < now() - interval '30 s'`.execute(db)).rows.length === 1;

type Site = {
  work(handler: JobHandler): Promise<void>;
  /** From now on the worker cannot reach the database. */
  leave(): void;
  /** Waits until the worker has noticed, and ends the outage as if it had been longer than a lease. */
  comeBack(id: JobId): Promise<void>;
};

/** A worker that can be cut off from the database. */
async function cuttable(): Promise<Site> {
  const { host, user, database } = new pg.Client({ connectionString });
  const proxy = await startFaultProxy(`unix:${host}/.s.PGSQL.5432`, () => ({ kind: 'none' }));
  const url = `postgres://${user}@127.0.0.1:${new URL(proxy.origin).port}/${database}`;
  const opened = openDatabase({ connection: url, log: createLog({ level: 'silent' }) });
  onTestFinished(async () => {
    await opened.close();
    await proxy.stop();
  });
  let logged = '';
  const log = pino({ level: 'warn' }, { write: (line: string) => void (logged += line) });
  return {
    async work(handler) {
      await testWorker({ ...opened, connectionString: url }, { notifications: false, log, handlers: { process: handler } });
    },
    leave: () => proxy.arm(() => ({ kind: 'refuse' })),
    async comeBack(id) {
      await expect.poll(() => logged.includes(sweepFailed), { timeout: 20_000 }).toBe(true);
      await sql`update job set heartbeat_at = now() - interval '1 minute' where id = ${id}::uuid`.execute(db);
      proxy.arm(() => ({ kind: 'none' }));
    },
  };
}

test('an attempt that lost its database does not count, even if that could not be recorded at the time', { timeout: 60_000 }, async () => {
  const site = await cuttable();
  const id = await enqueueOne(db, { type: 'process' });
  const { maxAttempts } = jobDefinitions.process;
  const last = { attempts: maxAttempts - 1 };
  await db.updateTable('job').set(last).where('id', '=', id).execute();
  const failed: string[] = [];
  let runs = 0;
  await site.work({
    async run(ctx) {
      if (++runs > 1) return { runs };
      site.leave();
      await sql`select 1`.execute(ctx.site.db);
    },
    onFailed: async (_tx, job) => void failed.push(job.id),
  });
  await site.comeBack(id);

  const error = { code: 'unavailable', message: expect.stringContaining('database'), retryable: true };
  expect(await jobInState(db, id, 'retrying')).toMatchObject({ attempts: maxAttempts, error });
  // Skips the pause.
  await transact(db, async (tx) => await runJobsNow(tx, [id]));
  expect(await jobInState(db, id, 'complete')).toMatchObject({ attempts: maxAttempts + 1, result: { runs: 2 } });
  expect(failed).toEqual([]);
});

test('a worker that could not renew its leases because the database was away is not considered dead', { timeout: 60_000 }, async () => {
  const site = await cuttable();
  const id = await enqueueOne(db, { type: 'process' });
  await site.work({
    async run({ signal }) {
      site.leave();
      await site.comeBack(id);
      await expect.poll(async () => signal.aborted || !(await isSilent(id)), { timeout: 20_000 }).toBe(true);
    },
  });
  expect(await jobInState(db, id, 'complete', 40_000)).toMatchObject({ attempts: 1 });
});

test('an outcome during the outage is recorded when the database is back', { timeout: 60_000 }, async () => {
  const site = await cuttable();
  const id = await enqueueOne(db, { type: 'process' });
  let runs = 0;
  await site.work({
    async run() {
      site.leave();
      return { runs: ++runs };
    },
  });
  await site.comeBack(id);
  expect(await jobInState(db, id, 'complete')).toMatchObject({ attempts: 1, result: { runs: 1 } });
});
