import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { resumableContext, testUploads } from '../../test/support/uploads.ts';
import { findOwnSession } from './find-session.ts';
import { holdUpload, type ResumableContext } from './hold-upload.ts';
import { openResumable } from './open-resumable.ts';

const open = async (ctx: ResumableContext) =>
  await openResumable(ctx, {
    destination: { collection: 'product.files', entityType: 'product', entityId: '1' },
    fileName: 'a.bin',
    contentType: null,
    length: 5,
    metadata: null,
    concat: null,
  });

test('of requests that take uploads at the same moment, one gets each upload, and another for the same one is turned away', async () => {
  const ctx = resumableContext(await testUploads());
  const [first, second] = [await open(ctx), await open(ctx)];
  const answers = await Promise.allSettled([first, second, first].map((session) => holdUpload(ctx, session.id)));
  const holds = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  try {
    expect(new Set(holds.map(({ session }) => session.id))).toEqual(new Set([first.id, second.id]));
    expect(holds.map(({ wasLeft }) => wasLeft)).toEqual([false, false]);
    expect(answers.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'conflict', context: { locked: true } } }]);
  } finally {
    for (const hold of holds) await hold.release();
  }
});

test('an upload whose row is locked by another transaction delays none of the uploads that are taken at the same moment', async () => {
  const { db } = await testDatabase();
  const ctx = resumableContext(await testUploads({ db }));
  const [locked, free] = [await open(ctx), await open(ctx)];
  await db.transaction().execute(async (tx) => {
    await tx.selectFrom('upload_session').select('id').where('id', '=', locked.id).forUpdate().execute();
    const [refused, hold] = await Promise.allSettled([holdUpload(ctx, locked.id), holdUpload(ctx, free.id)]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'conflict', context: { locked: true } } });
    expect(hold).toMatchObject({ status: 'fulfilled', value: { session: { id: free.id } } });
    if (hold.status === 'fulfilled') await hold.value.release();
  });
  await (await holdUpload(ctx, locked.id)).release();
});

test('uploads are found and taken by their ids, also with a plan that was made while there were few', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  const ctx = resumableContext(await testUploads({ db }));
  // Statements are prepared after five uses, and get one plan for all parameters after five more.
  for (let round = 0; round < 14; round++) {
    const { id } = await open(ctx);
    await findOwnSession(ctx, { uploadId: id });
    await (await holdUpload(ctx, id)).release();
  }
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ relname: string }>(
    "select relname from pg_stat_user_tables where relname in ('object', 'upload_session', 'upload_part') and seq_scan > 0",
  );
  expect(rows).toEqual([]);
});
