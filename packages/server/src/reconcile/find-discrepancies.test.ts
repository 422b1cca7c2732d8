import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';
import { describe, expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { createLog } from '../lib/log.ts';
import type { ObjectState } from '../lib/schema.ts';
import { releaseUnbound, reserveObjects } from '../storage/ledger.ts';
import { compareKeys } from '../storage/compare-keys.ts';
import { openFilesystemStore } from '../storage/filesystem/open-filesystem-store.ts';
import { openMemoryStore } from '../storage/memory/open-memory-store.ts';
import { removeObjects } from '../storage/remove-objects.ts';
import type { Store } from '../storage/store.ts';
import { storesOf, type Stores } from '../storage/stores.ts';
import type { Discrepancy } from './discrepancy.ts';
import { findDiscrepancies, findUncheckedStores, type FindOptions } from './find-discrepancies.ts';

const { db } = await testDatabase();
const log = createLog({ level: 'silent' });
const signal = new AbortController().signal;

/** A store for one test: locations keep the tests of this file apart in the shared ledger. */
const memory = (): Store => openMemoryStore({ provider: 'mocked', location: `m-${randomUUIDv7()}` });
const onDisk = async (): Promise<Store> =>
  await openFilesystemStore({ provider: 'filesystem', location: `f-${randomUUIDv7()}`, root: await temporaryDirectory() });
const only = (store: Store): Stores => storesOf([store], { staging: `${store.provider}:${store.location}`, final: `${store.provider}:${store.location}` });

async function find(stores: Stores, options: FindOptions = {}): Promise<Discrepancy[]> {
  const found: Discrepancy[] = [];
  for await (const discrepancy of findDiscrepancies({ site: { db, stores }, signal }, options)) found.push(discrepancy);
  return found;
}

const brief = (found: readonly Discrepancy[]): string[] => found.map((one) => `${one.class} ${one.key}`);

type Row = { key: string; state?: ObjectState; bytes?: number | null; leaseSeconds?: number; retrySeconds?: number | null; error?: string; attempts?: number };

async function ledger(store: Store, ...rows: Row[]): Promise<void> {
  const at = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;
  for (const { key, state = 'stored', bytes = 5, leaseSeconds = 60, retrySeconds = null, error, attempts = 0 } of rows) {
    await db
      .insertInto('object')
      .values({
        id: randomUUIDv7(),
        provider: store.provider,
        location: store.location,
        key,
        state,
        role: 'source',
        bytes,
        attempts,
        lease_until: state === 'writing' ? at(leaseSeconds) : null,
        retry_at: retrySeconds === null ? null : at(retrySeconds),
        last_error: error ?? null,
      })
      .execute();
  }
}

const put = async (store: Store, ...keys: string[]): Promise<void> => {
  for (const key of keys) await store.put(key, Buffer.from('12345'), { contentType: 'text/plain' });
};

describe.each([
  ['memory', async () => memory()],
  ['filesystem', onDisk],
])('on %s', (_name, open) => {
  test('finds every class of discrepancy, and nothing else', async () => {
    const store = await open();
    await ledger(
      store,
      { key: 'media/a/ok' },
      { key: 'media/a/missing' },
      { key: 'media/a/short', bytes: 9 },
      { key: 'media/a/size-unknown', bytes: null },
      { key: 'media/a/being-written', state: 'writing', leaseSeconds: 60 },
      { key: 'media/a/lease-just-passed', state: 'writing', leaseSeconds: -5 },
      { key: 'media/a/given-up', state: 'writing', leaseSeconds: -600 },
      { key: 'media/a/being-deleted', state: 'deleting', retrySeconds: -5 },
      { key: 'media/a/nobody-deletes', state: 'deleting', retrySeconds: -600 },
      { key: 'media/a/retried-later', state: 'deleting', retrySeconds: 60, error: 'busy', attempts: 1 },
      { key: 'media/a/cannot-be-deleted', state: 'deleting', retrySeconds: 60, error: 'denied', attempts: 9 },
    );
    await put(
      store,
      'media/a/ok',
      'media/a/short',
      'media/a/size-unknown',
      'media/a/being-written',
      'media/a/given-up',
      'media/a/cannot-be-deleted',
      'media/a/unknown',
      'zebra',
    );
    const found = await find(only(store));
    expect(brief(found)).toEqual([
      'stuck_deleting media/a/cannot-be-deleted',
      'stuck_writing media/a/given-up',
      'missing_object media/a/missing',
      'stuck_deleting media/a/nobody-deletes',
      'size_mismatch media/a/short',
      'unknown_object media/a/unknown',
      'unknown_object zebra',
    ]);
    expect(found[0]?.detail).toContain('denied');
    expect(found[4]).toMatchObject({ expectedBytes: 9, actualBytes: 5, objectId: expect.any(String) });
    expect(found[5]).toMatchObject({ expectedBytes: null, actualBytes: 5, objectId: null });
    await store.close();
  });

  test('a prefix ends at a separator', async () => {
    const store = await open();
    await ledger(store, { key: 'media/ada/1' }, { key: 'media/adam/1' }, { key: 'media/ada.png' }, { key: 'media/ada-x/1' }, { key: 'media/ada' });
    await put(store, 'media/ada/2', 'media/adam/2', 'media/ada0');
    for (const prefix of ['media/ada', 'media/ada/'])
      expect(brief(await find(only(store), { prefix }))).toEqual(['missing_object media/ada/1', 'unknown_object media/ada/2']);
    await expect(find(only(store), { prefix: 'media/../ada' })).rejects.toThrow(/object key/);
    await store.close();
  });

  test('keys are merged in byte order, in any alphabet', async () => {
    const store = await open();
    const keys = ['B', 'a-b', 'a.b', 'a/b', 'a0', 'ä', 'é/x', 'z', '\uE000', '\u{1F600}'].map((name) => `k/${name}`);
    await ledger(store, ...keys.map((key) => ({ key })));
    await put(store, ...keys);
    expect(await find(only(store))).toEqual([]);
    await store.close();
  });
});

test('objects that are uploaded and deleted during the walk are never reported', async () => {
  const store = await onDisk();
  const stores = only(store);
  const locator = (key: string) => ({ provider: store.provider, location: store.location, key });
  const store1 = async (key: string): Promise<string> => {
    const id = randomUUIDv7();
    await reserveObjects(db, [{ ...locator(key), id, role: 'source', leaseUntil: new Date(Date.now() + 60_000) }]);
    await store.put(key, Buffer.from('12345'), { contentType: 'text/plain' });
    await db.updateTable('object').set({ state: 'stored', lease_until: null, bytes: 5 }).where('id', '=', id).execute();
    return id;
  };
  const standing = await Promise.all(Array.from({ length: 60 }, (_, i) => store1(`media/${String(i % 7)}/${randomUUIDv7()}`)));
  const traffic = new AbortController();
  const done = { changes: 0 };
  const writers = Array.from({ length: 3 }, async (_, writer) => {
    const mine = standing.filter((_id, index) => index % 3 === writer);
    while (!traffic.signal.aborted) {
      mine.push(await store1(`media/${done.changes % 7}/${randomUUIDv7()}`));
      const gone = mine.shift();
      if (gone !== undefined) {
        await releaseUnbound(db, [gone]);
        await removeObjects({ site: { db, stores }, log, signal }, [gone]);
      }
      done.changes++;
    }
  });
  try {
    for (let round = 0; round < 15 || done.changes < 60; round++) expect(brief(await find(stores))).toEqual([]);
  } finally {
    traffic.abort();
    await Promise.all(writers);
  }
  await store.close();
});

test('a candidate is checked again before it is reported, from the side that cannot be in transit', async () => {
  const store = memory();
  await ledger(store, { key: 'media/deleted-after-the-page' });
  await put(store, 'media/named-after-the-page');
  // Between the listing and the second check, one object is removed, and the other gets its row.
  const slow: Store = {
    ...store,
    async list(options) {
      const page = await store.list(options);
      await db
        .updateTable('object')
        .set({ state: 'deleting', retry_at: sql<Date>`now()` })
        .where('location', '=', store.location)
        .execute();
      await ledger(store, { key: 'media/named-after-the-page' });
      return page;
    },
  };
  expect(brief(await find(only(slow)))).toEqual([]);
});

test('two stores of one provider are kept apart, and one can be checked alone', async () => {
  const [first, second] = [memory(), memory()];
  const stores = storesOf([first, second], { staging: `mocked:${first.location}`, final: `mocked:${second.location}` });
  await ledger(first, { key: 'media/x' });
  await put(second, 'media/x');
  expect((await find(stores)).map((one) => `${one.class} ${one.location}`)).toEqual([`missing_object ${first.location}`, `unknown_object ${second.location}`]);
  expect(brief(await find(stores, { store: `mocked:${second.location}` }))).toEqual(['unknown_object media/x']);
  await expect(find(stores, { store: 'mocked:elsewhere' })).rejects.toThrow(/There is no store "mocked:elsewhere"/);
});

test('names stores that hold objects and are not configured', async () => {
  const [gone, here] = [memory(), memory()];
  await ledger(gone, { key: 'media/x' }, { key: 'media/y' });
  expect(await findUncheckedStores({ site: { db, stores: only(here) }, signal })).toContainEqual({ store: `mocked:${gone.location}`, objects: 2 });
});

test('20,000 objects are walked page by page on both sides, with progress that ends at all of them', async () => {
  const location = `m-${randomUUIDv7()}`;
  const total = 20_000;
  await sql`
    insert into object (id, provider, location, key, state, role, bytes)
    select gen_random_uuid(), 'mocked', ${location}, 'media/' || lpad(i::text, 8, '0'), 'stored', 'source', 5 from generate_series(0, ${total - 1}) i`.execute(
    db,
  );
  const listed = Array.from({ length: total }, (_, i) => `media/${String(i).padStart(8, '0')}`);
  let last = { rows: 0, objects: 0, expectedRows: 0 };
  let furthestAhead = 0;
  const synthetic: Store = {
    ...openMemoryStore({ provider: 'mocked', location }),
    async list({ cursor = '', limit = 1_000 }) {
      const start = cursor === '' ? 0 : listed.findIndex((key) => compareKeys(key, cursor) > 0);
      furthestAhead = Math.max(furthestAhead, start + limit - last.objects);
      const page = listed.slice(start, start + limit).map((key) => ({ key, bytes: 5, modifiedAt: new Date(0), etag: null }));
      return { objects: page, cursor: start + limit < total ? (page.at(-1)?.key ?? null) : null };
    },
    head: async (key) => (key === 'media/00000007' ? null : { key, bytes: 5, contentType: null, etag: null, sha256: null, modifiedAt: new Date(0) }),
  };
  listed.splice(7, 1);
  const found = await find(only(synthetic), { onProgress: (progress) => (last = progress) });
  expect(brief(found)).toEqual(['missing_object media/00000007']);
  expect(last).toEqual({ rows: total, objects: total - 1, expectedRows: total });
  // The current page, the next one, and the objects since the last progress report: nothing accumulates.
  expect(furthestAhead).toBeLessThanOrEqual(3_000);
});
