import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { enqueueOne, jobInState, jobRow, testWorker } from '../../test/support/jobs.ts';

const database = await testDatabase();
const { db } = database;
const script = fileURLToPath(new URL('../../test/support/job-worker.ts', import.meta.url));

/** A worker process that runs waiting jobs until one of them ends it. */
async function workUntilItEnds(): Promise<number> {
  const child = fork(script, [database.connectionString], { execArgv: ['--conditions=safelight-source'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

test('a job that has ended its process twice has failed, and the jobs next to it have not', async () => {
  const innocent = await enqueueOne(db, { type: 'process' });
  const guilty = await enqueueOne(db, { type: 'process', data: { throws: true } });
  const failed: unknown[] = [];

  expect(await workUntilItEnds()).toBe(1);
  expect(await jobRow(db, guilty)).toMatchObject({ state: 'retrying', strikes: 1, error: { code: 'internal' } });
  expect(await workUntilItEnds()).toBe(1);
  expect(await jobRow(db, guilty)).toMatchObject({ state: 'retrying', strikes: 2 });
  expect(await jobRow(db, innocent)).toMatchObject({ strikes: 0, attempts: 0 });

  await testWorker(database, {
    handlers: { process: { run: async () => ({ by: 'the third worker' }), onFailed: async (_tx, job, { error }) => void failed.push([job.id, error.code]) } },
  });
  expect(await jobInState(db, guilty, 'failed')).toMatchObject({ attempts: 2, error: { code: 'resource_limit', retryable: false } });
  expect(await jobInState(db, innocent, 'complete')).toMatchObject({ attempts: 1, result: { by: 'the third worker' } });
  expect(failed).toEqual([[guilty, 'resource_limit']]);
});
