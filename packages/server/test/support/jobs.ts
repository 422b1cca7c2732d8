import { onTestFinished, expect } from 'vitest';

import type { JobLane } from '../../src/jobs/definitions.ts';
import { enqueue } from '../../src/jobs/enqueue.ts';
import type { NewJob } from '../../src/jobs/new-job.ts';
import type { JobHandlers, OnProgress } from '../../src/jobs/running-job.ts';
import type { OnEnded } from '../../src/jobs/run-job.ts';
import { startWorker, type Worker } from '../../src/jobs/work.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemActor, type Actor, type Context, type DataSite, type Db } from '../../src/lib/context.ts';
import { listenForNotifications } from '../../src/lib/listen-for-notifications.ts';
import { lineToPostgres } from '../../src/lib/notification-line.ts';
import type { JobId } from '../../src/lib/ids.ts';
import { createLog, type Log } from '../../src/lib/log.ts';
import type { JobTable } from '../../src/lib/schema.ts';
import { transact } from '../../src/lib/transact.ts';
import type { Selectable } from '#kysely';
import type { TestDatabase } from './database.ts';

export const testContext = (db: Db, actor: Actor = systemActor): Context => ({
  actor,
  site: {
    db,
    clock: systemClock,
  },
  log: createLog({ level: 'silent' }),
  signal: new AbortController().signal,
});

/** A worker of this process, stopped after the test. */
export async function testWorker<Site>(
  database: TestDatabase,
  options: {
    handlers: JobHandlers<Site>;
    site?: Site;
    lanes?: Partial<Record<JobLane, number>>;
    onProgress?: OnProgress;
    onEnded?: OnEnded;
    notifications?: boolean;
    log?: Log;
  },
): Promise<Worker> {
  const { log, ...rest } = testContext(database.db);
  const context = { ...rest, log: options.log ?? log, site: { ...rest.site, ...options.site } } as Context<DataSite & Site>;
  const hearing =
    options.notifications === false
      ? undefined
      : listenForNotifications({ open: lineToPostgres({ connectionString: database.connectionString }), log: context.log });
  await hearing?.ready;
  const worker = startWorker({
    context,
    handlers: options.handlers,
    lanes: options.lanes ?? { short: 4, long: 2, review: 2, upkeep: 2 },
    ...(hearing === undefined ? {} : { hearing }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(options.onEnded === undefined ? {} : { onEnded: options.onEnded }),
  });
  onTestFinished(async () => {
    await worker.stop({ graceMs: 0 });
    await hearing?.close();
  });
  return worker;
}

type JobOfTest = Partial<Omit<NewJob, 'type' | 'data'>> & Pick<NewJob, 'type'> & { data?: Record<string, unknown> };

/** A job for a handler of a test, which reads its data. */
export const jobOfTest = ({ data = {}, ...job }: JobOfTest): NewJob => ({ ownerId: 'ada', ...job, data }) as NewJob;

export const enqueueOne = async (db: Db, job: JobOfTest): Promise<JobId> => await transact(db, async (tx) => await enqueue(tx, jobOfTest(job)));

export const jobRow = async (db: Db, id: string): Promise<Selectable<JobTable>> =>
  await db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** Waits until the row has the state, and returns it. */
export async function jobInState(db: Db, id: string, state: JobTable['state'], timeout = 20_000): Promise<Selectable<JobTable>> {
  await expect.poll(async () => (await jobRow(db, id)).state, { timeout, interval: 20 }).toBe(state);
  return await jobRow(db, id);
}
