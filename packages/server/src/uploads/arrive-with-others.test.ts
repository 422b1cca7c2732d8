import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { completeUpload } from './complete-upload.ts';
import { findOwnSession } from './find-session.ts';
import { openUpload } from './open-upload.ts';

const names = ['a', 'b', 'c', 'd'];
const openAll = async ({ ctx }: TestUploads) =>
  await Promise.all(
    names.map((name) =>
      openUpload(ctx, { collection: 'product.files', entityType: 'product', entityId: '1', filename: `${name}.txt`, contentType: 'text/plain', byteSize: 1 }),
    ),
  );

test('uploads that are opened at once are written in one transaction, each with its object and its event', async () => {
  const uploads = await testUploads();
  // The first of them read the rules, which are remembered then.
  await openAll(uploads);
  for (const table of ['upload_session', 'object', 'event'] as const) await uploads.ctx.site.db.deleteFrom(table).execute();
  const opened = await openAll(uploads);
  const sessions = await uploads.ctx.site.db.selectFrom('upload_session').select(['id', 'file_name', 'state', 'declared_bytes']).execute();
  expect(sessions.toSorted((a, b) => a.file_name.localeCompare(b.file_name))).toEqual(
    opened.map(({ uploadId }, index) => ({ id: uploadId, file_name: `${names[index]}.txt`, state: 'open', declared_bytes: 1 })),
  );
  expect(await uploads.objects()).toEqual(opened.map(({ objectPath: key }) => ({ key, state: 'writing' })).toSorted((a, b) => (a.key < b.key ? -1 : 1)));
  expect((await uploads.ctx.site.db.selectFrom('event').select('name').execute()).map(({ name }) => name)).toEqual(names.map(() => 'upload_started'));
  const { rows } = await sql`select distinct xmin::text from upload_session`.execute(uploads.ctx.site.db);
  expect(rows).toHaveLength(1);
});

test('uploads of one place that are completed at once get positions of their own, and one that was aborted meanwhile fails alone', async () => {
  const uploads = await testUploads();
  const { ctx } = uploads;
  const opened = await openAll(uploads);
  const store = ctx.site.stores.active('staging');
  for (const { objectPath } of opened) await store.put(objectPath, Buffer.from('x'), { contentType: 'text/plain' });
  const found = opened.map(({ uploadId }) => completeUpload(ctx, { uploadId }));
  await ctx.site.db
    .updateTable('upload_session')
    .set({ state: 'aborted' })
    .where('id', '=', opened[1]?.uploadId ?? '')
    .execute();
  const answers = await Promise.allSettled(found);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  const assets = await sql<{ name: string; at: number }>`
    select original_file_name as name, sort_order as at from asset order by sort_order`.execute(ctx.site.db);
  expect(assets.rows.map(({ at }) => at)).toEqual([0, 1, 2]);
  expect(new Set(assets.rows.map(({ name }) => name))).toEqual(new Set(['a.txt', 'c.txt', 'd.txt']));
  const states = await ctx.site.db.selectFrom('upload_session').select(['state', 'job_id']).orderBy('file_name').execute();
  expect(states.map(({ state, job_id: job }) => [state, job === null])).toEqual([
    ['finalizing', false],
    ['aborted', true],
    ['finalizing', false],
    ['finalizing', false],
  ]);
});

test('uploads that are looked for at once are each found by their id, in whichever case it is written', async () => {
  const uploads = await testUploads();
  const opened = await openAll(uploads);
  const ids = opened.map(({ uploadId }) => uploadId);
  const asked = ids.map((id, index) => findOwnSession(uploads.ctx, { uploadId: index % 2 === 0 ? id : id.toUpperCase() }));
  expect((await Promise.all(asked)).map(({ id }) => id)).toEqual(ids);
});
