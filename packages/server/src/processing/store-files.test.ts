import { afterEach, expect, test, vi } from 'vitest';

import { testUploads } from '../../test/support/uploads.ts';
import { collectionNamed } from '../policy/collection.ts';
import { storeName } from '../storage/locator.ts';
import type { Store } from '../storage/store.ts';
import { storesOf } from '../storage/stores.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { storeFiles, type MadeFile } from './store-files.ts';

const { ctx, objects } = await testUploads();
const { db } = ctx.site;

afterEach(() => void vi.useRealTimers());

const file = (role: string): MadeFile => ({ role, content: { bytes: Buffer.from(role) }, extension: 'txt', mimeType: 'text/plain', width: null, height: null });

test('keeps all files of a recording whose store takes hours for one of them', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const active = ctx.site.stores.active('final');
  const leases = async () => (await db.selectFrom('object').select('lease_until').execute()).map(({ lease_until }) => lease_until?.getTime() ?? 0);
  const slow: Store = {
    ...active,
    async put(...call) {
      // What they were given at first is over.
      await db
        .updateTable('object')
        .set({ lease_until: new Date(0) })
        .execute();
      await vi.advanceTimersByTimeAsync(3_600_000);
      await expect.poll(async () => Math.min(...(await leases()))).toBeGreaterThan(Date.now());
      await sweepLedger(ctx);
      return await active.put(...call);
    },
  };
  const only = storeName(active);
  const late = { ...ctx, site: { ...ctx.site, stores: storesOf([slow], { staging: only, final: only }) } };
  const collection = collectionNamed(ctx.site.collections, 'listing.photos');
  const stored = await storeFiles(late, { collection, ownerId: 'anna', assetId: 'one' }, [file('stream'), file('preview')]);
  expect(stored.map(({ role }) => role)).toEqual(['stream', 'preview']);
  expect((await objects()).length).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
});
