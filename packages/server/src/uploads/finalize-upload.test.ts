import { Readable } from 'node:stream';

import { expect, test } from 'vitest';

import { quadrants } from '../../test/support/pictures.ts';
import { testUploads } from '../../test/support/uploads.ts';
import type { JobContext } from '../jobs/running-job.ts';
import { newJobId } from '../lib/ids.ts';
import { openMemoryStore } from '../storage/memory/open-memory-store.ts';
import { storesOf } from '../storage/stores.ts';
import { acceptBytes } from './accept-bytes.ts';
import { completeUpload } from './complete-upload.ts';
import { finalizeUpload } from './finalize-upload.ts';
import { openUpload } from './open-upload.ts';

const uploads = await testUploads();
const staging = uploads.ctx.site.stores.active('staging');
const final = openMemoryStore({ provider: 'mocked', location: 'final' });
const ctx = { ...uploads.ctx, site: { ...uploads.ctx.site, stores: storesOf([staging, final], { staging: 'filesystem:objects', final: 'mocked:final' }) } };

test('of two workers that finalize one upload at once, because the first seemed dead, one keeps its copy and the other removes its own', async () => {
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
  const job = { id: newJobId(), progress: () => undefined } as unknown as JobContext['job'];
  const worker = { ...ctx, job, site: { ...ctx.site, stores: storesOf([staging, meeting], { staging: 'filesystem:objects', final: 'mocked:final' }) } };
  await Promise.all([finalizeUpload(worker, opened), finalizeUpload(worker, opened)]);

  const sources = await ctx.site.db.selectFrom('object').select(['id', 'state', 'asset_id', 'key', 'provider']).execute();
  expect(sources).toMatchObject([{ state: 'stored', asset_id: media.id, provider: 'mocked' }]);
  expect(await ctx.site.db.selectFrom('asset').select('source_object_id').execute()).toEqual([{ source_object_id: sources[0]?.id }]);
  expect((await final.list({ limit: 10 })).objects.map(({ key }) => key)).toEqual(sources.map(({ key }) => key));
  expect(await uploads.files()).toEqual([]);
});
