import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { collect, testFeed } from '../../test/support/events.ts';
import { enqueueOne, jobInState, testWorker } from '../../test/support/jobs.ts';
import { emitProgress } from './emit-progress.ts';

const database = await testDatabase({ max: 8 });

test('the progress of a job is sent to everybody who follows it, under the name of its work', async () => {
  const feed = await testFeed(database);
  const [job, mirror] = await Promise.all([
    enqueueOne(database.db, { type: 'process', assetId: '01890000-0000-7000-8000-000000000001' }),
    enqueueOne(database.db, { type: 'mirror' }),
  ]);
  const follower = collect(feed);
  const heard = Promise.withResolvers<void>();
  const run = async ({ job }: { job: { progress(fraction: number, message: string): void } }): Promise<void> => {
    job.progress(0.25, 'a quarter');
    await heard.promise;
  };
  await testWorker(database, { onProgress: emitProgress, handlers: { process: { run }, mirror: { run } } });
  await expect.poll(() => follower.got.length).toBe(1);
  expect(follower.got[0]?.event).toMatchObject({
    name: 'processing_progress',
    ownerId: 'ada',
    jobId: job,
    mediaId: '01890000-0000-7000-8000-000000000001',
    payload: { progress: 0.25, message: 'a quarter' },
  });
  heard.resolve();
  await jobInState(database.db, job, 'complete');
  await jobInState(database.db, mirror, 'complete');
});
