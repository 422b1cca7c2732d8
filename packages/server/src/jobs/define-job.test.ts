import { expect, test } from 'vitest';

import { jobTypes } from '@safelight/contract/job-names';
import { testDatabase } from '../../test/support/database.ts';
import { enqueueOne, jobInState, testContext, testWorker } from '../../test/support/jobs.ts';
import { SafelightError } from '../lib/errors.ts';
import { inTurn, jobsOf } from './define-job.ts';
import { jobDefinitions, jobsShownAs, type JobName } from './definitions.ts';
import { listJobs } from './list-jobs.ts';
import { readJob } from './read-job.ts';

const database = await testDatabase({ max: 4 });
const { db } = database;
const define = jobsOf();

test('a handler gets the payload that its name promises, and a job without it never reaches the handler', async () => {
  const got: unknown[] = [];
  await testWorker(database, { handlers: { purge: define('purge', { run: async (_ctx, payload) => void got.push(payload) }) } });
  const lacking = await enqueueOne(db, { type: 'purge', data: { urls: [] } });
  const whole = await enqueueOne(db, { type: 'purge', data: { assetId: 'a', more: true } });
  await jobInState(db, whole, 'complete');
  expect(await jobInState(db, lacking, 'retrying')).toMatchObject({ error: { code: 'internal' } });
  expect(got).toEqual([{ assetId: 'a' }]);
});

test('people see and filter jobs by the types of the contract', async () => {
  for (const name of Object.keys(jobDefinitions) as JobName[]) expect(jobTypes).toContain(jobDefinitions[name].shownAs);
  const id = await enqueueOne(db, { type: 'renew', data: { assetId: 'a', renewal: 'all' } });
  expect(await readJob(testContext(db), id)).toMatchObject({ type: 'process' });
  expect((await listJobs(testContext(db), { type: 'process', limit: 10 })).jobs.map((job) => job.id)).toContain(id);
  expect((await listJobs(testContext(db), { type: 'migrate', limit: 10 })).jobs).toEqual([]);
  expect(jobsShownAs('purge')).toEqual(['purge', 'purge.cdn']);
});

test('parts of one job run in turn; when one fails, the later ones do not run, and each ends its own work', async () => {
  const told: string[] = [];
  const part = (name: string, error?: Error) =>
    define('mirror', {
      run: async () => {
        told.push(`${name} ran`);
        if (error !== undefined) throw error;
      },
      onFailed: async (_tx, _job, end) => void told.push(`${name} ended: ${end.error.code} after ${end.attempts}`),
    });
  const handlers = { mirror: inTurn(part('first'), part('second', new SafelightError('corrupt_media', 'No.')), part('third')) };
  await testWorker(database, { handlers });
  await jobInState(db, await enqueueOne(db, { type: 'mirror', data: { assetId: 'a' } }), 'failed');
  expect(told).toEqual(['first ran', 'second ran', ...['first', 'second', 'third'].map((name) => `${name} ended: corrupt_media after 1`)]);
});
