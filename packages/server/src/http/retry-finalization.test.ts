import { beforeAll, expect, test } from 'vitest';

import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { transact } from '../lib/transact.ts';
import { retryProcessing } from '../processing/retry-processing.ts';
import { completeUpload } from '../uploads/complete-upload.ts';
import { failUpload } from '../uploads/fail-upload.ts';
import { finalizeUpload } from '../uploads/finalize-upload.ts';
import { openUpload } from '../uploads/open-upload.ts';

let uploads: TestUploads;
beforeAll(async () => {
  uploads = await testUploads();
});

/** An upload whose finalization has failed for good, because of a service (`retryable`) or because of the file. */
async function failed(retryable: boolean) {
  const { ctx } = uploads;
  const opened = await openUpload(ctx, { collection: 'product.files', entityType: 'product', entityId: '1', filename: 'a.bin', byteSize: 5 });
  await ctx.site.stores.active('staging').put(opened.objectPath, Buffer.from('hello'), { contentType: 'application/octet-stream' });
  const { jobId, media } = await completeUpload(ctx, { uploadId: opened.uploadId });
  const error = { code: retryable ? 'unavailable' : 'malware_found', message: 'It did not work.', retryable } as const;
  const { refused } = await transact(ctx.site.db, async (tx) => await failUpload(tx, { uploadId: opened.uploadId, jobId, attempts: 6, error }));
  return { id: media.id, uploadId: opened.uploadId, refused };
}
const sessionOf = async (id: string) =>
  await uploads.ctx.site.db.selectFrom('upload_session').select(['state', 'job_id']).where('id', '=', id).executeTakeFirstOrThrow();

test('a finalization that failed because of a service keeps its file, and a retry begins with the finalization', async () => {
  const { ctx } = uploads;
  const { id, uploadId, refused } = await failed(true);
  expect(refused).toEqual([]);
  expect(await sessionOf(uploadId)).toMatchObject({ state: 'failed' });
  const { jobId, media } = await retryProcessing(ctx, { id });
  expect(media).toMatchObject({ status: 'pending', failure: null });
  expect(await sessionOf(uploadId)).toEqual({ state: 'finalizing', job_id: jobId });
  const job = await ctx.site.db.selectFrom('job').select(['type', 'upload_id']).where('id', '=', jobId).executeTakeFirstOrThrow();
  expect(job).toEqual({ type: 'finalize', upload_id: uploadId });
  const running = { id: jobId, type: 'finalize', data: { uploadId, assetId: id }, attempt: 1, progress: () => undefined, settle: async () => undefined };
  // Of a running job, finalization uses only the id and the progress.
  await finalizeUpload({ ...ctx, job: running } as unknown as Parameters<typeof finalizeUpload>[0], { uploadId });
  expect(await sessionOf(uploadId)).toMatchObject({ state: 'complete' });
});

test('a refused file is not kept, and cannot be retried', async () => {
  const { id, refused } = await failed(false);
  expect(refused).toHaveLength(1);
  await expect(retryProcessing(uploads.ctx, { id })).rejects.toMatchObject({ code: 'conflict', detail: expect.stringContaining('not kept') });
});
