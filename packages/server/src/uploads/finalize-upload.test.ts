import { Readable } from 'node:stream';

import { expect, test } from 'vitest';

import { quadrants } from '../../test/support/pictures.ts';
import { testUploads } from '../../test/support/uploads.ts';
import type { JobContext } from '../jobs/running-job.ts';
import { newJobId } from '../lib/ids.ts';
import { openMemoryStore } from '../storage/memory/open-memory-store.ts';
import { storesOf } from '../storage/stores.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { acceptBytes } from './accept-bytes.ts';
import { completeUpload } from './complete-upload.ts';
import { finalizeUpload } from './finalize-upload.ts';
import { openUpload } from './open-upload.ts';

const uploads = await testUploads();
const staging = uploads.ctx.site.stores.active('staging');
const final = openMemoryStore({ provider: 'mocked', location: 'final' });
const ctx = { ...uploads.ctx, site: { ...uploads.ctx.site, stores: storesOf([staging, final], { staging: 'filesystem:objects', final: 'mocked:final' }) } };

const job = { id: newJobId(), progress: () => undefined } as unknown as JobContext['job'];
/** A worker whose final store is this one. */
const workerOn = (to: typeof final) => ({
  ...ctx,
  job,
  site: { ...ctx.site, stores: storesOf([staging, to], { staging: 'filesystem:objects', final: 'mocked:final' }) },
});

/** An upload whose bytes are there and wait to be finalized. */
async function completed(): Promise<{ uploadId: string; mediaId: string }> {
  const bytes = await quadrants().jpeg().toBuffer();
  const opened = await openUpload(ctx, { collection: 'listing.photos', entityType: 'listing', entityId: '1', filename: 'a.jpg', contentType: 'image/jpeg' });
  const signature = new URL('uploadURL' in opened ? opened.uploadURL : '').searchParams.get('signature') ?? '';
  await acceptBytes(ctx, {
    uploadId: opened.uploadId,
    key: opened.objectPath,
    signature,
    partNumber: null,
    contentLength: null,
    contentType: null,
    claims: [],
    body: Readable.from([bytes]),
  });
  const { media } = await completeUpload(ctx, { uploadId: opened.uploadId });
  return { uploadId: opened.uploadId, mediaId: media.id };
}

/** What is there of a medium: the rows of its objects, which of them is its source, and the keys in the final store. */
async function sourceOf(mediaId: string) {
  const { db } = ctx.site;
  const asset = await db.selectFrom('asset').select('source_object_id').where('id', '=', mediaId).executeTakeFirst();
  const rows = await db.selectFrom('object').select(['id', 'state', 'key', 'provider']).where('asset_id', '=', mediaId).execute();
  return { source: asset?.source_object_id, rows, keys: (await final.list({ limit: 10 })).objects.map(({ key }) => key) };
}

test('of two workers that finalize one upload at once, because the first seemed dead, one keeps its copy and the other removes its own', async () => {
  const { uploadId, mediaId } = await completed();
  // Both have read the state of the upload before either writes.
  const copied = Promise.withResolvers<void>();
  let copies = 0;
  const meeting = {
    ...final,
    put: async (...given: Parameters<typeof final.put>) => {
      const stored = await final.put(...given);
      if (++copies === 2) copied.resolve();
      await copied.promise;
      return stored;
    },
  };
  await Promise.all([finalizeUpload(workerOn(meeting), { uploadId }), finalizeUpload(workerOn(meeting), { uploadId })]);

  const { source, rows, keys } = await sourceOf(mediaId);
  expect(rows).toMatchObject([{ id: source, state: 'stored', provider: 'mocked' }]);
  expect(keys).toEqual(rows.map(({ key }) => key));
  expect(await uploads.files()).toEqual([]);
  await final.delete(keys);
});

test('a worker that slept past the lease of its copy keeps the bytes that were uploaded, removes the copy, and succeeds when it comes again', async () => {
  const { uploadId, mediaId } = await completed();
  // As after a long pause of the machine: the sweeper has removed the row of the copy before its last byte came.
  const asleep = {
    ...final,
    put: async (...given: Parameters<typeof final.put>) => {
      await ctx.site.db
        .updateTable('object')
        .set({ lease_until: new Date(0) })
        .where('state', '=', 'writing')
        .execute();
      await sweepLedger(ctx);
      return await final.put(...given);
    },
  };
  await expect(finalizeUpload(workerOn(asleep), { uploadId })).rejects.toThrow('a lease had passed');
  expect((await sourceOf(mediaId)).keys).toEqual([]);
  expect(await uploads.files()).toHaveLength(1);

  await finalizeUpload(workerOn(final), { uploadId });
  const { source, rows, keys } = await sourceOf(mediaId);
  expect(rows).toMatchObject([{ id: source, state: 'stored', provider: 'mocked' }]);
  expect(keys).toEqual(rows.map(({ key }) => key));
});
