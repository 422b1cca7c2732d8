import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { systemClock } from '../lib/clock.ts';
import { createLog } from '../lib/log.ts';
import { openMemoryStore } from '../storage/memory/open-memory-store.ts';
import { storesOf } from '../storage/stores.ts';
import { findDiscrepancies } from './find-discrepancies.ts';
import { applyRepair, planRepair, type Repair, type RepairContext } from './repair-discrepancies.ts';

const { db } = await testDatabase();
await sql`insert into policy (collection, rules, updated_by) values ('listing.photos', '{"photoReviewEnabled": false}', 'test')`.execute(db);

/** A store for one test in the shared ledger. */
function setting() {
  const store = openMemoryStore({ provider: 'mocked', location: `m-${randomUUIDv7()}` });
  const name = `mocked:${store.location}`;
  const ctx: RepairContext = {
    site: {
      db,
      stores: storesOf([store], { staging: name, final: name }),
      clock: systemClock,
    },
    log: createLog({ level: 'silent' }),
    signal: new AbortController().signal,
  };
  const put = async (key: string): Promise<void> => void (await store.put(key, Buffer.from('12345'), { contentType: 'image/webp' }));
  const insert = async (row: Record<string, unknown>): Promise<string> => {
    const id = randomUUIDv7();
    await db
      .insertInto('object')
      .values({ id, provider: 'mocked', location: store.location, state: 'stored', role: 'source', bytes: 5, key: 'media/x', ...row })
      .execute();
    return id;
  };
  const plan = async (): Promise<Repair[]> => {
    const repairs: Repair[] = [];
    for await (const found of findDiscrepancies(ctx)) repairs.push(await planRepair(ctx, found));
    return repairs;
  };
  const rows = async (): Promise<number> => (await db.selectFrom('object').select('id').where('location', '=', store.location).execute()).length;
  return { store, ctx, put, insert, plan, rows };
}

async function readyPhoto(status: 'ready' | 'failed' = 'ready'): Promise<string> {
  const id = randomUUIDv7();
  await db
    .insertInto('asset')
    .values({
      id,
      collection: 'listing.photos',
      entity_type: 'listing',
      entity_id: id,
      owner_id: 'ada',
      kind: 'image',
      purpose: 'gallery',
      status,
      original_file_name: 'a.heic',
      mime_type: 'image/heic',
      byte_size: 5,
      sort_order: 0,
    })
    .execute();
  return id;
}

test('planning changes nothing', async () => {
  const { put, insert, plan, rows, store } = setting();
  await insert({ key: 'media/given-up', state: 'writing', lease_until: new Date(0) });
  await put('media/given-up');
  expect((await plan()).map(({ action }) => action)).toEqual(['remove']);
  expect(await rows()).toBe(1);
  expect(await store.head('media/given-up')).not.toBeNull();
});

test('completes what was begun: abandoned writes and forgotten removals go, with their bytes', async () => {
  const { ctx, put, insert, plan, rows, store } = setting();
  await insert({ key: 'media/given-up', state: 'writing', lease_until: new Date(0) });
  await insert({ key: 'media/forgotten', state: 'deleting', created_at: new Date(0) });
  await insert({ key: 'media/refused', state: 'deleting', attempts: 9, last_error: 'denied', retry_at: new Date(Date.now() + 3_600_000) });
  for (const key of ['media/given-up', 'media/forgotten', 'media/refused']) await put(key);
  for (const repair of await plan()) expect(await applyRepair(ctx, repair)).toBe('done');
  expect(await rows()).toBe(0);
  expect((await store.list({})).objects).toEqual([]);
});

test('leaves a writer alone that has resumed', async () => {
  const { ctx, insert, plan, rows } = setting();
  const id = await insert({ key: 'media/slow', state: 'writing', lease_until: new Date(0) });
  const [repair] = await plan();
  await db
    .updateTable('object')
    .set({ lease_until: new Date(Date.now() + 60_000) })
    .where('id', '=', id)
    .execute();
  expect(repair !== undefined && (await applyRepair(ctx, repair))).toBe('left');
  expect(await rows()).toBe(1);
});

test('never deletes objects of others', async () => {
  const { ctx, put, plan, store } = setting();
  await put('media/foreign');
  const [repair] = await plan();
  expect(repair).toMatchObject({ action: 'none', reason: expect.stringContaining('never deletes') });
  expect(repair !== undefined && (await applyRepair(ctx, repair))).toBe('left');
  expect(await store.head('media/foreign')).not.toBeNull();
});

test('has a lost variant remade from its source, once, and reports that it is queued', async () => {
  const { ctx, put, insert, plan } = setting();
  const assetId = await readyPhoto();
  const source = await insert({ key: 'media/source', asset_id: assetId });
  await insert({ key: 'media/card', asset_id: assetId, role: 'card', token: randomUUIDv7() });
  await insert({ key: 'media/detail', asset_id: assetId, role: 'detail', token: randomUUIDv7(), bytes: 99 });
  await db.updateTable('asset').set({ source_object_id: source }).where('id', '=', assetId).execute();
  await put('media/source');
  await put('media/detail');
  const repairs = await plan();
  expect(repairs.map(({ action, discrepancy }) => `${action} ${discrepancy.class}`)).toEqual(['reprocess missing_object', 'reprocess size_mismatch']);
  const outcomes: string[] = [];
  for (const repair of repairs) outcomes.push(await applyRepair(ctx, repair));
  expect(outcomes).toEqual(['queued', 'left']);
  expect((await plan()).map(({ action }) => action)).toEqual(['wait', 'wait']);
  expect(await db.selectFrom('job').select(['type', 'state']).where('asset_id', '=', assetId).execute()).toEqual([{ type: 'process', state: 'queued' }]);
  expect(await db.selectFrom('asset').select('status').where('id', '=', assetId).executeTakeFirst()).toEqual({ status: 'pending' });
});

test.each([
  ['the source itself is lost', { key: 'media/source', role: 'source' }, true],
  ['there is no source', { key: 'media/canonical', role: 'canonical' }, false],
])('says what a person can do when %s', async (_when, artifact, isSource) => {
  const { insert, plan } = setting();
  const assetId = await readyPhoto();
  const id = await insert({ ...artifact, asset_id: assetId });
  if (isSource) await db.updateTable('asset').set({ source_object_id: id }).where('id', '=', assetId).execute();
  expect(await plan()).toEqual([expect.objectContaining({ action: 'none', reason: expect.stringMatching(/backup|delete/) })]);
});

test('does not call the source of a video lost that is there', async () => {
  const { put, insert, plan } = setting();
  const assetId = await readyPhoto();
  const source = await insert({ key: 'media/source', asset_id: assetId });
  await insert({ key: 'media/preview', asset_id: assetId, role: 'preview', token: randomUUIDv7() });
  await db.updateTable('asset').set({ kind: 'video', source_object_id: source }).where('id', '=', assetId).execute();
  await put('media/source');
  const reason = 'Single outputs of a video are not made again. Restore the object from a backup, or upload the original again.';
  expect(await plan()).toEqual([expect.objectContaining({ action: 'none', reason })]);
});
