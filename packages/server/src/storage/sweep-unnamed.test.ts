import { expect, test } from 'vitest';

import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { newObjectId } from '../lib/ids.ts';
import type { ObjectState } from '../lib/schema.ts';
import { sweepLedger } from './sweep-ledger.ts';
import { sweepUnnamed, unnamedLeaseMs } from './sweep-unnamed.ts';

async function leave({ ctx: { site } }: TestUploads, key: string, state?: ObjectState): Promise<void> {
  const store = site.stores.active('staging');
  await store.unnamed?.put(key, [Buffer.from(key)], { contentType: 'text/plain' });
  if (state === undefined) return;
  const { provider, location } = store;
  const row = { id: newObjectId(), provider, location, key, state, role: 'source', lease_until: state === 'writing' ? new Date(Date.now() + 60_000) : null };
  await site.db.insertInto('object').values(row).execute();
}

test('the sweep names what the ledger calls stored, though its writer died before it could', async () => {
  const uploads = await testUploads();
  await leave(uploads, 'a/stored', 'stored');
  await sweepLedger(uploads.ctx);
  expect(await uploads.files()).toEqual(['a/stored']);
  expect(await uploads.objects()).toEqual([{ key: 'a/stored', state: 'stored' }]);
});

test('the sweep removes what no row knows once no writer can be at work on it any more, and not before', async () => {
  const uploads = await testUploads();
  await leave(uploads, 'a/unknown');
  await leave(uploads, 'a/writing', 'writing');
  expect(await sweepUnnamed(uploads.ctx, Date.now() + unnamedLeaseMs - 60_000)).toBe(0);
  expect(await uploads.files()).toEqual(['.safelight/unnamed/a%2Funknown', '.safelight/unnamed/a%2Fwriting']);
  expect(await sweepUnnamed(uploads.ctx, Date.now() + unnamedLeaseMs + 60_000)).toBe(1);
  expect(await uploads.files()).toEqual(['.safelight/unnamed/a%2Fwriting']);
});

test('the sweep removes bytes that have no name with the row that gives them up', async () => {
  const uploads = await testUploads();
  await leave(uploads, 'a/given-up', 'deleting');
  expect(await sweepLedger(uploads.ctx)).toEqual({ abandoned: 0, removed: 1, failed: 0 });
  expect({ files: await uploads.files(), objects: await uploads.objects() }).toEqual({ files: [], objects: [] });
});

test('bytes of a writer that came too late never replace the object that has the name', async () => {
  const uploads = await testUploads();
  const store = uploads.ctx.site.stores.active('staging');
  await store.put('a/stored', Buffer.from('the object'), { contentType: 'text/plain' });
  await leave(uploads, 'a/stored', 'stored');
  expect(await sweepUnnamed(uploads.ctx)).toBe(0);
  expect(await uploads.files()).toEqual(['a/stored']);
  expect(await store.head('a/stored')).toMatchObject({ bytes: 'the object'.length });
});

const isAway = () => Promise.reject(new Error('away'));

test('a store that is away does not keep the sweep from the others', async () => {
  const uploads = await testUploads();
  const { stores } = uploads.ctx.site;
  const away = {
    ...stores.active('staging'),
    unnamed: { put: isAway, publish: isAway, discard: isAway, list: isAway },
  };
  await leave(uploads, 'a/stored', 'stored');
  await sweepUnnamed({ ...uploads.ctx, site: { ...uploads.ctx.site, stores: { ...stores, all: () => [away, ...stores.all()] } } });
  expect(await uploads.files()).toEqual(['a/stored']);
});
