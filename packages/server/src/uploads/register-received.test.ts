import { Readable } from 'node:stream';

import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { quadrants } from '../../test/support/pictures.ts';
import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { receiveFile } from './receive-file.ts';
import type { ReceivedFile } from './received-file.ts';
import { registerReceived } from './register-received.ts';

const receive = async ({ ctx }: TestUploads, name: string, entityId = '1', text = name): Promise<ReceivedFile> =>
  await receiveFile(ctx, {
    destination: { collection: 'product.files', entityType: 'product', entityId },
    fileName: `${name}.txt`,
    contentType: null,
    body: Readable.from([Buffer.from(text)]),
  });
const receiveAll = async (uploads: TestUploads, names: readonly string[]): Promise<ReceivedFile[]> =>
  await Promise.all(names.map((name) => receive(uploads, name)));
const standing = async ({ ctx: { site } }: TestUploads) =>
  (
    await sql<{
      name: string;
      at: number;
      tx: string;
    }>`select original_file_name as name, sort_order as at, xmin::text as tx from asset order by sort_order`.execute(site.db)
  ).rows;

test('files that come to one place at once become assets in one transaction, in their order, each with its session, its job and its events', async () => {
  const uploads = await testUploads();
  const { ctx } = uploads;
  const names = ['a', 'b', 'c', 'd', 'e'];
  const received = await receiveAll(uploads, names);
  const made = await Promise.all(received.map((file) => registerReceived(ctx, file)));
  expect(made.map(({ media }) => [media.originalFileName, media.byteSize, media.path])).toEqual(
    received.map((file, index) => [`${names[index]}.txt`, 1, file.locator.key]),
  );
  const rows = await standing(uploads);
  expect(rows.map(({ name, at }) => [name, at])).toEqual(names.map((name, index) => [`${name}.txt`, index]));
  expect(new Set(rows.map(({ tx }) => tx)).size).toBe(1);
  for (const [index, { jobId, media }] of made.entries()) {
    const session = await ctx.site.db.selectFrom('upload_session').selectAll().where('asset_id', '=', media.id).executeTakeFirstOrThrow();
    expect(session).toMatchObject({ id: received[index]?.uploadId, protocol: 'direct', state: 'complete', job_id: jobId, received_bytes: 1 });
    const job = await ctx.site.db
      .selectFrom('job')
      .select(['type', 'asset_id', 'upload_id'])
      .where('id', '=', jobId as never)
      .executeTakeFirstOrThrow();
    expect(job).toEqual({ type: 'process', asset_id: media.id, upload_id: session.id });
    const events = await ctx.site.db.selectFrom('event').select('name').where('media_id', '=', media.id).orderBy('seq').execute();
    expect(events).toEqual([{ name: 'upload_started' }, { name: 'upload_complete' }]);
  }
  expect(await uploads.objects()).toEqual((await uploads.files()).map((key) => ({ key, state: 'stored' })));
});

const byOwner = (uploads: TestUploads, id: string, scopes = uploads.ctx.actor.scopes): TestUploads => ({
  ...uploads,
  ctx: { ...uploads.ctx, actor: { id, scopes } },
});

test('files of several owners that come to several places at once share a transaction, and each stands where it belongs', async () => {
  const uploads = await testUploads();
  const sent = ['ada', 'bea'].flatMap((owner) => ['1', '2', '1'].map((entityId) => ({ owner, entityId, by: byOwner(uploads, owner) })));
  const received = await Promise.all(sent.map(async ({ by, entityId }) => await receive(by, 'a', entityId)));
  const made = await Promise.all(received.map(async (file, index) => await registerReceived(sent[index]?.by.ctx ?? uploads.ctx, file)));
  const { rows } = await sql<{ id: string; owner: string; entityId: string; at: number; tx: string }>`
    select id, owner_id as owner, entity_id as "entityId", sort_order as at, xmin::text as tx from asset`.execute(uploads.ctx.site.db);
  const standing = made.map(({ media }) => rows.find(({ id }) => id === media.id));
  expect(standing.map((row) => row && [row.owner, row.entityId, row.at])).toEqual([
    ['ada', '1', 0],
    ['ada', '2', 0],
    ['ada', '1', 1],
    ['bea', '1', 2],
    ['bea', '2', 1],
    ['bea', '1', 3],
  ]);
  expect(new Set(rows.map(({ tx }) => tx)).size).toBe(1);
});

test('of files of several owners that come to one empty entity at once, those of the first are kept', async () => {
  const uploads = await testUploads();
  const by = ['ada', 'bea', 'ada'].map((owner) => byOwner(uploads, owner, new Set(['media:write'])));
  const received = await Promise.all(by.map(async (one) => await receive(one, 'a')));
  const answers = await Promise.allSettled(received.map(async (file, index) => await registerReceived(by[index]?.ctx ?? uploads.ctx, file)));
  expect(answers).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'forbidden' } }, { status: 'fulfilled' }]);
  expect(await uploads.ctx.site.db.selectFrom('asset').select('owner_id').execute()).toEqual([{ owner_id: 'ada' }, { owner_id: 'ada' }]);
});

test('files without an entity that come at once are counted by their owners', async () => {
  const uploads = await testUploads();
  const by = ['ada', 'bea', 'ada'].map((owner) => byOwner(uploads, owner));
  const picture = await quadrants().png().toBuffer();
  const received = await Promise.all(
    by.map(
      async ({ ctx }) =>
        await receiveFile(ctx, { destination: { collection: 'user.library' }, fileName: 'a.png', contentType: 'image/png', body: Readable.from([picture]) }),
    ),
  );
  const made = await Promise.all(received.map(async (file, index) => await registerReceived(by[index]?.ctx ?? uploads.ctx, file)));
  const rows = await uploads.ctx.site.db.selectFrom('asset').select(['id', 'owner_id', 'sort_order']).execute();
  expect(made.map(({ media }) => rows.find(({ id }) => id === media.id))).toMatchObject([
    { owner_id: 'ada', sort_order: 0 },
    { owner_id: 'bea', sort_order: 0 },
    { owner_id: 'ada', sort_order: 1 },
  ]);
});

test('of files that come at once, those beyond the limit of the collection are refused, and nothing stays of them', async () => {
  const uploads = await testUploads();
  const received = await receiveAll(uploads, ['a', 'b', 'c', 'd']);
  await sql`update policy set rules = jsonb_set(rules, '{maxItems}', '2') where collection = 'product.files'`.execute(uploads.ctx.site.db);
  const answers = await Promise.allSettled(received.map((file) => registerReceived(uploads.ctx, file)));
  expect(answers).toMatchObject([
    { status: 'fulfilled' },
    { status: 'fulfilled' },
    { reason: { code: 'collection_full' } },
    { reason: { code: 'collection_full' } },
  ]);
  expect((await standing(uploads)).map(({ name, at }) => [name, at])).toEqual([
    ['a.txt', 0],
    ['b.txt', 1],
  ]);
  expect(await uploads.objects()).toHaveLength(2);
  expect(await uploads.files()).toHaveLength(2);
});

test('a file whose bytes were given up meanwhile fails alone; those that came with it are kept', async () => {
  const uploads = await testUploads({ namesAtOnce: true });
  const received = await receiveAll(uploads, ['a', 'b', 'c']);
  await uploads.ctx.site.db
    .updateTable('object')
    .set({ state: 'deleting', lease_until: null })
    .where('id', '=', received[1]?.objectId ?? '')
    .execute();
  const answers = await Promise.allSettled(received.map((file) => registerReceived(uploads.ctx, file)));
  expect(answers).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'conflict' } }, { status: 'fulfilled' }]);
  expect((await standing(uploads)).map(({ name }) => name)).toEqual(['a.txt', 'c.txt']);
  expect(await uploads.ctx.site.db.selectFrom('upload_session').select('state').execute()).toHaveLength(2);
});

test.each([true, false])(
  'of files that come at once, each is held to the rules of its own collection (a store that names at once: %s)',
  async (namesAtOnce) => {
    const uploads = await testUploads({ namesAtOnce });
    const { ctx } = uploads;
    for (const entityId of ['1', '2']) await registerReceived(ctx, await receive(uploads, 'first', entityId));
    await sql`update policy set rules = jsonb_set(rules, '{maxItems}', '1'), version = version + 1 where collection = 'product.files'`.execute(ctx.site.db);
    const sendTo = async (entityId: string) => await registerReceived(ctx, await receive(uploads, 'second', entityId));
    const answers = await Promise.allSettled(['1', '3', '2', '4'].map(sendTo));
    expect(answers).toMatchObject([
      { reason: { code: 'collection_full' } },
      { status: 'fulfilled' },
      { reason: { code: 'collection_full' } },
      { status: 'fulfilled' },
    ]);
    expect(await uploads.files()).toHaveLength(4);
  },
);

test('a server that died between the bytes of a small file and its asset leaves a ledger row and the bytes, which the sweep removes', async () => {
  const uploads = await testUploads({ namesAtOnce: true });
  await receive(uploads, 'a');
  expect(await uploads.objects()).toEqual((await uploads.files()).map((key) => ({ key, state: 'writing' })));
  await uploads.ctx.site.db
    .updateTable('object')
    .set({ lease_until: new Date(0) })
    .execute();
  expect(await sweepLedger(uploads.ctx)).toMatchObject({ abandoned: 1, removed: 1 });
  expect({ objects: await uploads.objects(), files: await uploads.files() }).toEqual({ objects: [], files: [] });
});

test('where a quota applies, files that come at once never exceed it together', async () => {
  const uploads = await testUploads();
  const ctx = {
    ...uploads.ctx,
    actor: { id: 'owner', scopes: new Set(['media:write'] as const) },
    site: { ...uploads.ctx.site, ceilings: { ...uploads.ctx.site.ceilings, ownerItems: 2 } },
  };
  const answers = await Promise.allSettled(
    ['a', 'b', 'c', 'd'].map(async (name) => await registerReceived(ctx, await receive({ ...uploads, ctx }, name, 'of owner'))),
  );
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  expect(await uploads.objects()).toHaveLength(2);
  expect(await uploads.files()).toHaveLength(2);
});

test('what is registered is found by its id, also with a plan that was made while nothing was there', async () => {
  const { db, pool } = await testDatabase({ max: 1 });
  const uploads = await testUploads({ db });
  // Statements are prepared after five uses, and get one plan for all parameters after five more.
  for (let round = 0; round < 14; round++) {
    const received = await Promise.all(['a', 'b'].map((name) => receive(uploads, name, String(round))));
    await Promise.all(received.map((file) => registerReceived(uploads.ctx, file)));
  }
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ relname: string; seq_scan: number }>(
    "select relname, seq_scan::int from pg_stat_user_tables where relname in ('object', 'upload_session') order by relname",
  );
  expect(rows).toEqual([
    { relname: 'object', seq_scan: 0 },
    { relname: 'upload_session', seq_scan: 0 },
  ]);
  const unfinished = await pool.query(
    "select indexrelname, idx_scan::int from pg_stat_user_indexes where indexrelname in ('object_to_sweep', 'upload_session_to_expire') and idx_scan > 0",
  );
  expect(unfinished.rows).toEqual([]);
});
