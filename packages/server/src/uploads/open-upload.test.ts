import { expect, test } from 'vitest';

import { testUploads } from '../../test/support/uploads.ts';
import { SafelightError } from '../lib/errors.ts';
import { storeName } from '../storage/locator.ts';
import { storesOf } from '../storage/stores.ts';
import { openUpload } from './open-upload.ts';

const { ctx, objects } = await testUploads();
const { db } = ctx.site;
const init = { collection: 'listing.photos', entityType: 'listing', entityId: '1', filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 1000 };
const sessions = async () => await db.selectFrom('upload_session').select(['id', 'provider_upload_id']).execute();

test('an upload in parts that the provider refuses to open leaves neither session nor object', async () => {
  const away = new SafelightError('storage_unavailable', 'The bucket is away.');
  const stores = ctx.site.stores
    .all()
    .map(({ multipart, ...store }) => ({ ...store, ...(multipart && { multipart: { ...multipart, create: async () => await Promise.reject(away) } }) }));
  const only = storeName(ctx.site.stores.active('staging'));
  const inParts = { ...ctx, site: { ...ctx.site, stores: storesOf(stores, { staging: only, final: only }) } };
  await expect(openUpload(inParts, { ...init, multipart: true })).rejects.toBe(away);
  expect({ sessions: await sessions(), objects: await objects() }).toEqual({ sessions: [], objects: [] });
});

test('an upload whose answer cannot be kept under its key is not opened', async () => {
  const taken = new SafelightError('idempotency_conflict', 'Another request has the key.');
  for (const multipart of [false, true])
    await expect(openUpload(ctx, { ...init, multipart }, { keep: async () => await Promise.reject(taken) })).rejects.toBe(taken);
  expect({ sessions: await sessions(), objects: await objects() }).toEqual({ sessions: [], objects: [] });
});
