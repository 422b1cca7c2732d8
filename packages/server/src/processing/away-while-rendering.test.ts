import { Readable } from 'node:stream';

import { afterEach, expect, test, vi } from 'vitest';

import { quadrants } from '../../test/support/pictures.ts';
import { testUploads } from '../../test/support/uploads.ts';
import { ingestReceived } from '../http/ingest-received.ts';
import { storeName } from '../storage/locator.ts';
import type { Store } from '../storage/store.ts';
import { storesOf } from '../storage/stores.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { receiveFile } from '../uploads/receive-file.ts';

const { ctx, objects, files } = await testUploads();
const { db } = ctx.site;
afterEach(() => void vi.useRealTimers());

const picture = await quadrants().jpeg().toBuffer();

test('a machine that sleeps longer than its leases before it writes an output leaves no bytes that the ledger does not name', async () => {
  const active = ctx.site.stores.active('final');
  let slept = 0;
  const asleep: Store = {
    ...active,
    async put(key, ...call) {
      if (key.endsWith('thumbnail.jpg')) {
        slept += 1;
        await db
          .updateTable('object')
          .set({ lease_until: new Date(0) })
          .where('state', '=', 'writing')
          .execute();
        await sweepLedger(ctx);
      }
      return await active.put(key, ...call);
    },
  };
  const only = storeName(active);
  const late = { ...ctx, site: { ...ctx.site, stores: storesOf([asleep], { staging: only, final: only }) } };
  const destination = { collection: 'artist.images', entityType: 'artist', entityId: '1' };
  const received = await receiveFile(late, { destination, fileName: 'a.jpg', contentType: 'image/jpeg', body: Readable.from([picture]) });
  await expect(ingestReceived(late, received)).rejects.toThrow('while its bytes were moving');
  expect({ slept, objects: await objects(), files: await files() }).toEqual({ slept: 1, objects: [], files: [] });
});

test('outputs keep their leases while the store is slow, which begin when the decoder has come to them', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const active = ctx.site.stores.active('final');
  const least = async (): Promise<number> => {
    const rows = await db.selectFrom('object').select('lease_until').where('state', '=', 'writing').where('role', '<>', 'source').execute();
    return Math.min(...rows.map(({ lease_until }) => lease_until?.getTime() ?? 0));
  };
  let waitedMs = 0;
  const given: number[] = [];
  const slow: Store = {
    ...active,
    async put(key, ...call) {
      given.push((await least()) - waitedMs - Date.now());
      if (given.length > 1) return await active.put(key, ...call);
      // What they were given at first is over.
      await db
        .updateTable('object')
        .set({ lease_until: new Date(0) })
        .where('state', '=', 'writing')
        .where('role', '<>', 'source')
        .execute();
      await vi.advanceTimersByTimeAsync(3_600_000);
      await expect.poll(least).toBeGreaterThan(Date.now());
      await sweepLedger(ctx);
      return await active.put(key, ...call);
    },
  };
  const only = storeName(active);
  const { decoders } = ctx.site;
  const waiting: typeof decoders = {
    ...decoders,
    async run(...call) {
      // An hour in the queue.
      waitedMs = 3_600_000;
      return await decoders.run(...call);
    },
  };
  const clock = { now: () => new Date(Date.now() + waitedMs) };
  const late = { ...ctx, site: { ...ctx.site, clock, decoders: waiting, stores: storesOf([slow], { staging: only, final: only }) } };
  const destination = { collection: 'artist.images', entityType: 'artist', entityId: '1' };
  const received = await receiveFile(ctx, { destination, fileName: 'a.jpg', contentType: 'image/jpeg', body: Readable.from([picture]) });
  await ingestReceived(late, received);
  expect(await db.selectFrom('asset').select('status').execute()).toEqual([{ status: 'ready' }]);
  expect(given.length).toBeGreaterThan(1);
  expect(Math.min(...given)).toBeGreaterThan(0);
});
