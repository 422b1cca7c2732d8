import { PassThrough } from 'node:stream';

import { expect, test } from 'vitest';

import { testUploads } from '../../test/support/uploads.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { abortUpload } from './abort-upload.ts';
import { acceptBytes } from './accept-bytes.ts';
import { openUpload } from './open-upload.ts';

const { ctx, objects, files } = await testUploads();

test('a PUT that continues while its upload is aborted is refused, and leaves nothing behind', async () => {
  const opened = await openUpload(ctx, { collection: 'listing.photos', entityType: 'listing', entityId: '1', filename: 'a.jpg', contentType: 'image/jpeg' });
  const signature = new URL('uploadURL' in opened ? opened.uploadURL : '').searchParams.get('signature') ?? '';
  const body = new PassThrough();
  const put = acceptBytes(ctx, {
    uploadId: opened.uploadId,
    key: opened.objectPath,
    signature,
    partNumber: null,
    contentLength: null,
    contentType: null,
    claims: [],
    body,
  });
  body.write('the first bytes');
  await expect.poll(() => body.readableLength).toBe(0);
  await abortUpload(ctx, opened);
  body.end(', and the rest');
  await expect(put).rejects.toMatchObject({ code: 'gone', detail: expect.stringContaining('Open a new one') });
  expect(await files()).toEqual([]);
  expect(await objects()).toMatchObject([{ key: opened.objectPath, state: 'deleting' }]);

  await ctx.site.db
    .updateTable('object')
    .set({ retry_at: new Date(0), writable_until: new Date(0) })
    .execute();
  await sweepLedger(ctx);
  expect({ objects: await objects(), files: await files() }).toEqual({ objects: [], files: [] });
});
