import { createHash, randomBytes, randomUUID, randomUUIDv7 } from 'node:crypto';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { addArtifact, removeArtifacts as remove, type Artifact } from '../../test/support/artifacts.ts';
import { testDatabase } from '../../test/support/database.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { systemClock } from '../lib/clock.ts';
import { createLog } from '../lib/log.ts';
import { openFilesystemStore } from '../storage/filesystem/open-filesystem-store.ts';
import { releaseUnbound, locatorOf, reserveObjects } from '../storage/ledger.ts';
import { storeName } from '../storage/locator.ts';
import { openMemoryStore } from '../storage/memory/open-memory-store.ts';
import type { Store } from '../storage/store.ts';
import { storesOf } from '../storage/stores.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { findDiscrepancies } from './find-discrepancies.ts';
import { migrateObjects } from './migrate-objects.ts';
import { moveObject, type MovableObject, type MoveContext } from './move-object.ts';
import { createPace } from '../lib/pace.ts';

const { db } = await testDatabase({ max: 12 });
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Three stores and a context on them; every test has its own. */
async function setting(wrap: (store: Store) => Store = (store) => store) {
  const directory = await temporaryDirectory();
  const id = randomUUID().slice(0, 8);
  const a = await openFilesystemStore({ provider: 'filesystem', location: `a-${id}`, root: path.join(directory, 'a') });
  const b = wrap(await openFilesystemStore({ provider: 'filesystem', location: `b-${id}`, root: path.join(directory, 'b') }));
  const c = openMemoryStore({ provider: 'mocked', location: `c-${id}` });
  const stores = storesOf([a, b, c], { staging: storeName(a), final: storeName(a) });
  const ctx: MoveContext = { site: { db, stores, clock: systemClock }, log: createLog({ level: 'silent' }), signal: new AbortController().signal };
  const readLocator = async (objectId: string) => await db.selectFrom('object').selectAll().where('id', '=', objectId).executeTakeFirst();
  /** Reads like a viewer: from wherever the row points at that moment. */
  const read = async (objectId: string): Promise<Buffer> => {
    const row = await readLocator(objectId);
    if (row === undefined) throw new Error('the row is gone');
    const object = await stores.of(locatorOf(row)).get(row.key);
    if (object === null) throw new Error(`no object at ${row.location}/${row.key}`);
    return await buffer(object.body);
  };
  const discrepancies = async (): Promise<unknown[]> => await Array.fromAsync(findDiscrepancies(ctx));
  return { a, b, c, ctx, stores, read, readLocator, discrepancies };
}

const add = async (store: Store, bytes?: Buffer<ArrayBuffer>): Promise<Artifact> => await addArtifact(db, store, bytes);

const rowsOf = async (store: Store, state = 'stored'): Promise<MovableObject[]> =>
  await db
    .selectFrom('object')
    .selectAll()
    .where('provider', '=', store.provider)
    .where('location', '=', store.location)
    .where('state', '=', state as 'stored')
    .execute();

test('moves everything from store to store while a client uploads, reads and deletes: no read fails, and the bytes are the same', async () => {
  const { a, b, c, ctx, read, discrepancies } = await setting();
  const assets = await Promise.all(Array.from({ length: 30 }, async () => await add(a)));
  const alive = new Map(assets.map((asset) => [asset.objectId, asset]));
  const client = { busy: true };
  let reads = 0;
  const reader = (async () => {
    while (client.busy) {
      for (const asset of Array.from(alive.values())) {
        await setImmediate();
        if (!alive.has(asset.objectId)) continue;
        const bytes = await read(asset.objectId).catch((error: unknown) => error);
        // Deleted by the client between choosing and reading.
        if (!alive.has(asset.objectId)) continue;
        expect(Buffer.isBuffer(bytes) ? sha256(bytes) : bytes).toBe(sha256(asset.bytes));
        reads += 1;
      }
    }
  })();
  const writer = (async () => {
    for (let turn = 0; turn < 12; turn += 1) {
      const fresh = await add(turn % 2 === 0 ? a : b);
      alive.set(fresh.objectId, fresh);
      const victim = assets[turn * 2];
      if (victim === undefined) continue;
      alive.delete(victim.objectId);
      await remove(ctx, victim.assetId);
    }
  })();
  const first = await migrateObjects(ctx, { from: a, to: b, graceSeconds: 60 });
  await writer;
  const rest = await migrateObjects(ctx, { from: a, to: b, graceSeconds: 60 });
  const on = await migrateObjects(ctx, { from: b, to: c, graceSeconds: 60 });
  client.busy = false;
  await reader;
  expect({ failed: first.failed + rest.failed + on.failed, left: on.left }).toEqual({ failed: 0, left: 0 });
  expect(on.moved).toBe(alive.size);
  expect(reads).toBeGreaterThan(0);
  for (const { objectId, bytes } of alive.values()) expect(sha256(await read(objectId))).toBe(sha256(bytes));
  expect(await discrepancies()).toEqual([]);
  // After the grace period the sweeper removes exactly the old objects.
  await db
    .updateTable('object')
    .set({ retry_at: new Date(0) })
    .where('state', '=', 'deleting')
    .where('location', 'in', [a.location, b.location])
    .execute();
  await sweepLedger(ctx);
  expect([(await a.list({})).objects, (await b.list({})).objects, (await c.list({})).objects.length]).toEqual([[], [], alive.size]);
  expect(await discrepancies()).toEqual([]);
});

test('continues after a mover died: before the copy, after the copy, after the switch', async () => {
  const { a, b, ctx, read, discrepancies } = await setting();
  const [untouched, reserved, copied, moved] = [await add(a), await add(a), await add(a), await add(a)];
  const claim = async (key: string): Promise<void> =>
    await reserveObjects(db, [
      { provider: b.provider, location: b.location, key, id: randomUUIDv7(), role: 'source', leaseUntil: new Date(Date.now() - 1_000) },
    ]);
  await claim(reserved.key);
  await claim(copied.key);
  await b.put(copied.key, copied.bytes, { contentType: 'image/webp' });
  const [row] = (await rowsOf(a)).filter(({ id }) => id === moved.objectId);
  if (row !== undefined) await moveObject(ctx, row, { to: b, graceSeconds: 60 });

  const migration = await migrateObjects(ctx, { from: a, to: b, graceSeconds: 0 });
  expect(migration).toMatchObject({ moved: 3, failed: 0, left: 0 });
  for (const asset of [untouched, reserved, copied, moved]) expect((await read(asset.objectId)).equals(asset.bytes)).toBe(true);
  await sweepLedger(ctx);
  expect(await discrepancies()).toEqual([]);
});

test('leaves a row alone that was deleted while its bytes were being copied, and removes the copy', async () => {
  const { a, b, ctx, discrepancies } = await setting();
  const asset = await add(a);
  const [row] = await rowsOf(a);
  if (row === undefined) throw new Error('nothing was added');
  const slow: Store = { ...b, put: async (...call) => (await remove(ctx, asset.assetId), await b.put(...call)) };
  // The source may disappear before it is read, or after; neither leaves a copy.
  const outcome = await moveObject(ctx, row, { to: slow, graceSeconds: 60 });
  expect(outcome.outcome).toBe('changed');
  expect((await b.list({})).objects).toEqual([]);
  expect(await discrepancies()).toEqual([]);
});

test('treats an object that was deleted before it could be read as deleted, not as lost', async () => {
  const { a, b, ctx, discrepancies } = await setting();
  const asset = await add(a);
  const [row] = await rowsOf(a);
  await remove(ctx, asset.assetId);
  if (row === undefined) throw new Error('nothing was added');
  expect(await moveObject(ctx, row, { to: b, graceSeconds: 60 })).toEqual({ outcome: 'changed', bytes: 0 });
  expect(await discrepancies()).toEqual([]);
});

test('never overwrites or removes an object of somebody else under the same key', async () => {
  const { a, b, ctx, read } = await setting();
  const asset = await add(a);
  const key = `media/ada/${asset.assetId}/${asset.objectId}/source.bin`;
  await b.put(key, Buffer.from('theirs'), { contentType: 'text/plain' });
  const migration = await migrateObjects(ctx, { from: a, to: b, graceSeconds: 0 });
  expect(migration).toMatchObject({ moved: 0, failed: 1, failures: [{ key, reason: expect.stringContaining('did not put there') }] });
  await sweepLedger(ctx);
  const theirs = await b.get(key);
  expect(theirs === null ? null : (await buffer(theirs.body)).toString()).toBe('theirs');
  expect((await read(asset.objectId)).equals(asset.bytes)).toBe(true);
});

test('recognises a complete copy under the key as its own, left by a mover whose row was lost', async () => {
  const { a, b, ctx, read, discrepancies } = await setting();
  const asset = await add(a);
  await b.put(`media/ada/${asset.assetId}/${asset.objectId}/source.bin`, asset.bytes, { contentType: 'image/webp' });
  expect(await migrateObjects(ctx, { from: a, to: b, graceSeconds: 60 })).toMatchObject({ moved: 1, failed: 0 });
  expect((await read(asset.objectId)).equals(asset.bytes)).toBe(true);
  expect(await discrepancies()).toEqual([]);
});

test('does not move bytes that differ from the stored ones, and reports them', async () => {
  const { a, b, ctx, readLocator } = await setting();
  const good = await add(a);
  const bad = await add(a);
  const key = `media/ada/${bad.assetId}/${bad.objectId}/source.bin`;
  await a.put(key, randomBytes(bad.bytes.length), { contentType: 'image/webp' });
  const migration = await migrateObjects(ctx, { from: a, to: b, graceSeconds: 60 });
  expect(migration).toMatchObject({ moved: 1, failed: 1, left: 1, failures: [{ key, reason: expect.stringMatching(/SHA-256/) }] });
  expect((await readLocator(good.objectId))?.location).toBe(b.location);
  expect((await readLocator(bad.objectId))?.location).toBe(a.location);
  expect(await b.head(key)).toBeNull();
});

test('two movers at once share the work', async () => {
  const { a, b, ctx, discrepancies } = await setting();
  for (let count = 0; count < 30; count += 1) await add(a, randomBytes(500));
  const [one, other] = await Promise.all([
    migrateObjects(ctx, { from: a, to: b, graceSeconds: 60 }),
    migrateObjects(ctx, { from: a, to: b, graceSeconds: 60 }),
  ]);
  expect(one.moved + other.moved).toBe(30);
  expect(one.failed + other.failed).toBe(0);
  expect(await rowsOf(b)).toHaveLength(30);
  expect(await discrepancies()).toEqual([]);
});

/** A store whose writer sleeps past its lease, as when the machine pauses: the sweeper removed the reservation before the last byte came. */
const sleepingAt = (b: Store, ctx: MoveContext, whenWritten: () => Promise<unknown> = async () => undefined): Store => ({
  ...b,
  async put(...call) {
    const reserved = await rowsOf(b, 'writing');
    await releaseUnbound(
      db,
      reserved.map(({ id }) => id),
    );
    await sweepLedger(ctx);
    const stored = await b.put(...call);
    await whenWritten();
    return stored;
  },
});

test('a copy whose lease expired during the copying is never bound, and removed', async () => {
  const { a, b, ctx, discrepancies } = await setting();
  await add(a);
  const [row] = await rowsOf(a);
  if (row === undefined) throw new Error('nothing was added');
  expect(await moveObject(ctx, row, { to: sleepingAt(b, ctx), graceSeconds: 60 })).toMatchObject({ outcome: 'busy' });
  expect((await b.list({})).objects).toEqual([]);
  expect(await discrepancies()).toEqual([]);
});

test('so is one whose original was deleted meanwhile, or that is not what was stored', async () => {
  const { a, b, ctx, discrepancies } = await setting();
  const asset = await add(a);
  const [row] = await rowsOf(a);
  if (row === undefined) throw new Error('nothing was added');
  const damaged: Store = {
    ...sleepingAt(b, ctx),
    async get(...call) {
      const stored = await b.get(...call);
      return stored && { ...stored, body: Readable.from([Buffer.from('damaged')]) };
    },
  };
  await expect(moveObject(ctx, row, { to: damaged, graceSeconds: 60, readBack: true })).rejects.toMatchObject({ code: 'checksum_mismatch' });
  expect((await b.list({})).objects).toEqual([]);
  const deleting = sleepingAt(b, ctx, async () => await remove(ctx, asset.assetId));
  expect(await moveObject(ctx, row, { to: deleting, graceSeconds: 60 })).toMatchObject({ outcome: 'changed' });
  expect((await b.list({})).objects).toEqual([]);
  expect(await discrepancies()).toEqual([]);
});

test('gives up if nothing can be written, and says how to continue', async () => {
  const { a, ctx, b } = await setting();
  for (let count = 0; count < 25; count += 1) await add(a, randomBytes(10));
  for (const { key } of await rowsOf(a)) await b.put(key, Buffer.from('theirs'), { contentType: 'text/plain' });
  await expect(migrateObjects(ctx, { from: a, to: b, graceSeconds: 60 })).rejects.toMatchObject({
    code: 'storage_unavailable',
    detail: expect.stringContaining('goes on where it ended'),
  });
});

test('keeps to its rate: bytes wait for their turn', async () => {
  const pace = createPace(1_000_000, new AbortController().signal);
  const startedAt = performance.now();
  for await (const chunk of Readable.from(Array.from({ length: 10 }, () => Buffer.alloc(20_000)))) await pace((chunk as Buffer).length);
  // 200 kB at 1 MB/s; the test does not wait for the last chunk.
  expect(performance.now() - startedAt).toBeGreaterThan(170);
});
