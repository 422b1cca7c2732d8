import { Readable } from 'node:stream';

import { expect, test } from 'vitest';

import { quadrants } from '../../test/support/pictures.ts';
import { testUploads } from '../../test/support/uploads.ts';
import { restoreMedia } from './restore-media.ts';
import { receiveFile } from '../uploads/receive-file.ts';
import { registerReceived } from '../uploads/register-received.ts';
import { deleteMedia } from './delete-media.ts';
import { purgeMedia } from './purge-media.ts';

const { ctx, time, files } = await testUploads();
const place = { collection: 'listing.photos', entityType: 'listing', entityId: '1' };
const upload = async (): Promise<string> => {
  const body = Readable.from([await quadrants().jpeg().toBuffer()]);
  return (await registerReceived(ctx, await receiveFile(ctx, { destination: place, fileName: 'a.jpg', contentType: 'image/jpeg', body }))).media.id;
};
const later = (ms: number): void => void (time.now = new Date(time.now.getTime() + ms));

test('a worker whose clock is behind tries again instead of never purging a deleted asset', async () => {
  const assetId = await upload();
  const { undoUntil } = await deleteMedia(ctx, { id: assetId });
  time.now = new Date(Date.parse(undoUntil) - 1);
  await expect(purgeMedia(ctx, { assetId })).rejects.toMatchObject({ code: 'conflict', retryable: true });
  later(1);
  expect(await purgeMedia(ctx, { assetId })).toEqual({ objects: 1 });
  expect(await files()).toEqual([]);
});

test('an asset that was restored and deleted again is purged at the end of its new undo window', async () => {
  const assetId = await upload();
  await ctx.site.db
    .updateTable('policy')
    .set((eb) => ({ rules: eb.fn('jsonb_set', [eb.ref('rules'), eb.val('{undoWindowSeconds}'), eb.cast(eb.val('86400'), 'jsonb')]) }))
    .where('collection', '=', place.collection)
    .execute();
  const first = await deleteMedia(ctx, { id: assetId });
  await restoreMedia(ctx, { id: assetId });
  later(3_600_000);
  const { undoUntil } = await deleteMedia(ctx, { id: assetId });
  time.now = new Date(first.undoUntil);
  expect(await purgeMedia(ctx, { assetId })).toEqual({ objects: 0 });
  time.now = new Date(undoUntil);
  expect(await purgeMedia(ctx, { assetId })).toEqual({ objects: 1 });
});

test('what is being made of a purged asset is given up at once', async () => {
  const assetId = await upload();
  const jobs = async () =>
    await ctx.site.db.selectFrom('job').select(['type', 'state']).where('asset_id', '=', assetId).where('type', '=', 'process').execute();
  const { undoUntil } = await deleteMedia(ctx, { id: assetId });
  // Until then it can be restored, and is ready the sooner.
  expect(await jobs()).toEqual([{ type: 'process', state: 'queued' }]);
  time.now = new Date(undoUntil);
  await purgeMedia(ctx, { assetId });
  expect(await jobs()).toEqual([{ type: 'process', state: 'cancelled' }]);
});

test('jobs and uploads that outlive a purged asset say neither its name nor what was made of it', async () => {
  const assetId = await upload();
  const { undoUntil, media } = await deleteMedia(ctx, { id: assetId });
  const ofAsset = ctx.site.db.selectFrom('job').select(['type', 'state', 'result']).where('asset_id', '=', assetId).where('type', '=', 'process');
  await ctx.site.db
    .updateTable('job')
    .set({ state: 'complete', turn: 'over', finished_at: new Date(), result: JSON.stringify({ url: media.src, path: media.path, media }) })
    .where('asset_id', '=', assetId)
    .where('type', '=', 'process')
    .execute();
  await ctx.site.db.updateTable('upload_session').set({ alt_text: 'A secret' }).where('asset_id', '=', assetId).execute();
  time.now = new Date(undoUntil);
  await purgeMedia(ctx, { assetId });
  expect(await ofAsset.execute()).toEqual([{ type: 'process', state: 'complete', result: null }]);
  const uploads = ctx.site.db.selectFrom('upload_session').select(['file_name', 'alt_text', 'state']).where('asset_id', '=', assetId);
  expect(await uploads.execute()).toEqual([{ file_name: '', alt_text: null, state: 'complete' }]);
});

test('a job that made other media too loses only the part of the purged one', async () => {
  const [first, second] = [await upload(), await upload()];
  const { jobId } = await ctx.site.db.selectFrom('job').select('id as jobId').where('asset_id', '=', second).executeTakeFirstOrThrow();
  const result = { media: [{ id: first }, { id: second }, { id: 'third' }], urls: ['/1', null, '/3'], requested: 3, failures: [] };
  await ctx.site.db
    .updateTable('job')
    .set({ asset_id: null, state: 'complete', turn: 'over', finished_at: new Date(), result: JSON.stringify(result) })
    .where('id', '=', jobId)
    .execute();
  await ctx.site.db.updateTable('upload_session').set({ job_id: jobId }).where('asset_id', '=', first).execute();
  const { undoUntil } = await deleteMedia(ctx, { id: first });
  time.now = new Date(undoUntil);
  await purgeMedia(ctx, { assetId: first });
  const after = await ctx.site.db.selectFrom('job').select('result').where('id', '=', jobId).executeTakeFirst();
  expect(after?.result).toEqual({ ...result, media: [{ id: second }, { id: 'third' }], urls: [null, '/3'] });
});
