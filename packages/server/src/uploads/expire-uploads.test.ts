import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { testUploads } from '../../test/support/uploads.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { acceptBytes, type AcceptBytes } from './accept-bytes.ts';
import { completeUpload } from './complete-upload.ts';
import { expireUploads } from './expire-uploads.ts';
import { openUpload, putGraceSeconds } from './open-upload.ts';

const { ctx, time, objects, files } = await testUploads();

const open = async (): Promise<Omit<AcceptBytes, 'body'>> => {
  const opened = await openUpload(ctx, { collection: 'listing.photos', entityType: 'listing', entityId: '1', filename: 'a.jpg', contentType: 'image/jpeg' });
  const url = new URL('uploadURL' in opened ? opened.uploadURL : '');
  return {
    uploadId: opened.uploadId,
    key: opened.objectPath,
    signature: url.searchParams.get('signature') ?? '',
    partNumber: null,
    contentLength: null,
    contentType: null,
    claims: [],
  };
};

test('a PUT that began in time and ends after the upload has expired is refused, and leaves nothing behind', async () => {
  const body = new PassThrough();
  const put = acceptBytes(ctx, { ...(await open()), body });
  body.write('the first bytes');
  await expect.poll(() => body.readableLength).toBe(0);
  time.now = new Date(time.now.getTime() + (ctx.site.uploadExpirySeconds + 1) * 1000);
  expect(await expireUploads(ctx)).toEqual({ expired: 1 });
  body.end(', and the rest');
  await expect(put).rejects.toMatchObject({ code: 'upload_expired' });
  expect({ objects: await objects(), files: await files() }).toMatchObject({ objects: [{ state: 'writing' }], files: [] });

  await ctx.site.db
    .updateTable('object')
    .set({ lease_until: new Date(0) })
    .execute();
  await sweepLedger(ctx);
  expect({ objects: await objects(), files: await files() }).toEqual({ objects: [], files: [] });
});

test('a PUT whose process died before it could record the bytes is answered when it is repeated', async () => {
  const opened = await open();
  const first = await acceptBytes(ctx, { ...opened, body: PassThrough.from([Buffer.from('whole')]) });
  await ctx.site.db.updateTable('object').set({ bytes: null, sha256: null }).execute();
  const again = await acceptBytes(ctx, { ...opened, body: PassThrough.from([Buffer.from('whole')]) });
  expect([first.etag, again.etag]).toEqual([expect.stringMatching(/^"[^"]+"$/), expect.stringMatching(/^"[^"]+"$/)]);
  expect(await completeUpload(ctx, { uploadId: opened.uploadId })).toMatchObject({ media: { byteSize: 5 } });
});

test('a PUT that is still being sent when its lease has passed is refused as expired, and says what to do', async () => {
  const opened = await open();
  const { expires_at: expiresAt } = await ctx.site.db
    .selectFrom('upload_session')
    .select('expires_at')
    .where('id', '=', opened.uploadId)
    .executeTakeFirstOrThrow();
  // The upload is open when it is looked up, and only a moment of its lease is left when its bytes are waited for.
  const moments = [expiresAt.getTime() - 2000, expiresAt.getTime() - 2000, expiresAt.getTime() + putGraceSeconds * 1000 - 20];
  const late = { ...ctx, site: { ...ctx.site, clock: { now: () => new Date(moments.shift() ?? expiresAt) } } };
  const drip = async function* (): AsyncGenerator<Buffer> {
    for (;;) yield await delay(5, Buffer.from('a drop'));
  };
  await expect(acceptBytes(late, { ...opened, body: PassThrough.from(drip()) })).rejects.toMatchObject({
    code: 'upload_expired',
    detail: expect.stringContaining('Open a new one'),
  });
});
