import { Readable } from 'node:stream';

import { expect, test } from 'vitest';

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
