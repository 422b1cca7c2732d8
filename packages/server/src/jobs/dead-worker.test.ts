import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { sql } from '#kysely';
import { expect, onTestFinished, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import type { FromWorker } from '../../test/support/job-worker.ts';
import { enqueueOne, jobInState, jobRow, testWorker } from '../../test/support/jobs.ts';
import { jobDefinitions } from './definitions.ts';

const database = await testDatabase();
const { db } = database;
const script = fileURLToPath(new URL('../../test/support/job-worker.ts', import.meta.url));

/** Another process, which runs all the waiting jobs. */
async function workerWith(jobs: number): Promise<ChildProcess> {
  const child = fork(script, [database.connectionString], { execArgv: ['--conditions=safelight-source'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  for (let began = 0; began < jobs; began++) await once(child, 'message');
  return child;
}

test('the job of a killed worker is taken over within seconds, and if it was the last attempt it has failed', { timeout: 60_000 }, async () => {
  const other = await enqueueOne(db, { type: 'process' });
  const last = await enqueueOne(db, { type: 'process' });
  await db
    .updateTable('job')
    .set({ attempts: jobDefinitions.process.maxAttempts - 1 })
    .where('id', '=', last)
    .execute();
  const child = await workerWith(2);
  const failed: string[] = [];
  await testWorker(database, {
    handlers: { process: { run: async () => ({ by: 'the second worker' }), onFailed: async (_tx, job) => void failed.push(job.id) } },
  });

  child.kill('SIGKILL');
  expect(await jobInState(db, other, 'complete', 40_000)).toMatchObject({ attempts: 2, result: { by: 'the second worker' } });
  expect(await jobInState(db, last, 'failed')).toMatchObject({ attempts: jobDefinitions.process.maxAttempts, error: { code: 'internal', retryable: true } });
  expect(failed).toEqual([last]);
});

test('a worker that resumes late cannot settle a job that another one has completed', { timeout: 60_000 }, async () => {
  const id = await enqueueOne(db, { type: 'process' });
  const child = await workerWith(1);
  child.kill('SIGSTOP');
  // Its lease expires at once instead of in some seconds.
  await sql`update job set heartbeat_at = now() - interval '1 minute' where id = ${id}::uuid`.execute(db);
  await testWorker(database, { handlers: { process: { run: async () => ({ by: 'the second worker' }) } } });
  await jobInState(db, id, 'complete', 40_000);

  child.kill('SIGCONT');
  const answer = once(child, 'message') as Promise<[FromWorker]>;
  child.send('go on');
  expect((await answer)[0]).toEqual({ refused: 'conflict' });
  expect(await jobRow(db, id)).toMatchObject({ state: 'complete', message: null, attempts: 2, result: { by: 'the second worker' } });
});
