import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { systemClock } from '../lib/clock.ts';
import { systemActor } from '../lib/context.ts';
import { newObjectId } from '../lib/ids.ts';
import { createLog } from '../lib/log.ts';
import { reserveObjects } from './ledger.ts';
import { openMemoryStore } from './memory/open-memory-store.ts';
import { removeObjects } from './remove-objects.ts';
import type { Store } from './store.ts';
import { storesOf } from './stores.ts';
import { sweepLedger } from './sweep-ledger.ts';

const { db } = await testDatabase();
const soon = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

/** A store with one object, whose row is `deleting`. */
async function removal(changes: { writable_until?: Date } = {}, broken?: Partial<Store>) {
  const id = newObjectId();
  const memory = openMemoryStore({ provider: 'mocked', location: id });
  const store = { ...memory, ...broken };
  const stores = storesOf([store], { staging: `mocked:${id}`, final: `mocked:${id}` });
  const ctx = { site: { db, stores, clock: systemClock }, actor: systemActor, log: createLog({ level: 'silent' }), signal: new AbortController().signal };
  await reserveObjects(db, [{ id, provider: 'mocked', location: id, key: 'a', role: 'source', leaseUntil: soon(60) }]);
  const put = async (): Promise<unknown> => await memory.put('a', Buffer.from('bytes'), { contentType: 'text/plain' });
  await put();
  await db
    .updateTable('object')
    .set({ state: 'deleting', lease_until: null, retry_at: soon(-1), ...changes })
    .where('id', '=', id)
    .execute();
  const row = async () => await db.selectFrom('object').selectAll().where('id', '=', id).executeTakeFirst();
  const change = async (values: { writable_until?: Date; retry_at: Date }): Promise<unknown> =>
    await db.updateTable('object').set(values).where('id', '=', id).execute();
  return { id, ctx, store, put, row, change };
}

test('removes the bytes, then the row', async () => {
  const { id, ctx, store, row } = await removal();
  expect(await removeObjects(ctx, [id])).toEqual({ removed: 1, failed: 0 });
  expect([await store.head('a'), await row()]).toEqual([null, undefined]);
});

test('keeps the row, with the reason, if the store cannot delete the object, and tries again', async () => {
  let refusing = true;
  const memory = openMemoryStore({ provider: 'mocked', location: 'unused' });
  const { id, ctx, row, change } = await removal(
    {},
    {
      delete: async (keys) => (refusing ? { deleted: [], failed: keys.map((key) => ({ key, reason: 'AccessDenied' })) } : await memory.delete(keys)),
    },
  );
  expect(await removeObjects(ctx, [id])).toEqual({ removed: 0, failed: 1 });
  expect(await row()).toMatchObject({ state: 'deleting', last_error: 'AccessDenied', attempts: 1 });
  refusing = false;
  await change({ retry_at: soon(-1) });
  expect(await removeObjects(ctx, [id])).toEqual({ removed: 1, failed: 0 });
  expect(await row()).toBeUndefined();
});

test('watches a key that a signed URL can still write to: a late upload is removed when the URL has expired', async () => {
  const { id, ctx, store, put, row, change } = await removal({ writable_until: soon(600) });
  await removeObjects(ctx, [id]);
  expect(await store.head('a')).toBeNull();
  expect(await row()).toMatchObject({ state: 'deleting', attempts: 0 });
  await put();
  // It is not due yet.
  expect(await removeObjects(ctx, [id])).toEqual({ removed: 0, failed: 0 });
  await change({ writable_until: soon(-1), retry_at: soon(-1) });
  await sweepLedger(ctx);
  expect([await store.head('a'), await row()]).toEqual([null, undefined]);
});
