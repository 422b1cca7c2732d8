import sharp from 'sharp';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { jobInState, jobRow } from '../../test/support/jobs.ts';
import { openPhotoSite } from '../../test/support/photo-site.ts';
import { photoLike, slowAnimation } from '../../test/support/pictures.ts';

const database = await testDatabase({ max: 12 });

test('ten slow pictures wait in the long lane, and photos that come after them are ready first', async () => {
  const { db, begin, startWorker } = await openPhotoSite(database, {
    outputs: Array.from({ length: 8 }, (_, i) => ({ role: `at${i}`, maxSide: 500 - i, effort: 0, animated: true })),
  });
  const photo = await photoLike(500, 400);
  const small = await sharp(photo.data, { raw: photo }).resize(100).jpeg().toBuffer();
  const bomb = await slowAnimation();

  const bombs = await Promise.all(Array.from({ length: 10 }, async () => await begin(bomb, 'image/webp')));
  const photos = await Promise.all(Array.from({ length: 6 }, async () => await begin(small)));
  const worker = await startWorker();
  for (const { jobId } of photos) expect(await jobInState(db, jobId, 'complete')).toMatchObject({ lane: 'short', attempts: 1 });
  const states = await Promise.all(bombs.map(async ({ jobId }) => await jobRow(db, jobId)));
  expect(states.filter(({ state }) => state === 'complete').length).toBeLessThan(5);
  // The move was no attempt: each still has all of them.
  await expect
    .poll(async () => (await Promise.all(bombs.map(async ({ jobId }) => (await jobRow(db, jobId)).lane))).join(), { timeout: 20_000 })
    .toBe(bombs.map(() => 'long').join());
  expect(Math.max(...(await Promise.all(bombs.map(async ({ jobId }) => (await jobRow(db, jobId)).attempts))))).toBeLessThanOrEqual(1);
  await worker.stop({ graceMs: 0 });
});
