import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { systemClock } from '../lib/clock.ts';
import type { Actor } from '../lib/context.ts';
import { createLog } from '../lib/log.ts';
import { createSigning } from '../lib/signing.ts';
import { ceilingsSchema } from '../policy/ceilings.ts';
import { seedPolicies } from '../policy/seed-policies.ts';
import { loadConfig } from '../config.ts';
import { openMemoryStore } from '../storage/memory/open-memory-store.ts';
import { storeName } from '../storage/locator.ts';
import type { Store } from '../storage/store.ts';
import { storesOf } from '../storage/stores.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { quadrants } from '../../test/support/pictures.ts';
import { adoptObject } from './adopt-object.ts';
import type { UploadContext } from './upload-context.ts';

const { db } = await testDatabase();
const { collections } = await loadConfig({ SAFELIGHT_DATA_DIR: await temporaryDirectory() }, `${import.meta.dirname}/../../../..`);
await seedPolicies(db, collections);
const owner: Actor = { id: 'ada', scopes: new Set(['media:write', 'media:manage']) };

function setting() {
  const memory = openMemoryStore({ provider: 'mocked', location: randomUUID() });
  const old: Store = { ...memory, parseUrl: (url) => (url.host === 'old.example.org' ? decodeURIComponent(url.pathname.slice(1)) : null) };
  const ctx: UploadContext = {
    actor: owner,
    site: {
      db,
      clock: systemClock,
      collections,
      urls: {
        areOpen: () => true,
        artifact: (token) => `/media/${token}`,
        signedArtifact: (token) => `/media/${token}?signature`,
        signedStream: (_assetId, token) => `/s/signature/${token}`,
      },
      purgesCdn: false,
      stores: storesOf([old], { staging: storeName(old), final: storeName(old) }),
      ceilings: ceilingsSchema.parse({}),
      uploadExpirySeconds: 3600,
      unavailableTypes: [],
      scan: null,
      signing: createSigning([{ id: 'k1', secret: 's'.repeat(32) }]),
      baseURL: 'http://localhost',
    },
    log: createLog({ level: 'silent' }),
    signal: new AbortController().signal,
  };
  return { old, ctx };
}

const destination = () => ({ collection: 'listing.photos', entityType: 'listing', entityId: randomUUID() });

test('a provider’s old URL becomes a record on the existing bytes, and is processed like any upload', async () => {
  const { old, ctx } = setting();
  const bytes = await quadrants().jpeg().toBuffer();
  await old.put('uploads/été 1.jpg', bytes, { contentType: 'image/jpeg' });
  const url = 'https://old.example.org/uploads/%C3%A9t%C3%A9%201.jpg?X-Amz-Signature=abc';
  const { jobId, media } = await adoptObject(ctx, { url, destination: destination() });
  expect(media).toMatchObject({ status: 'pending', ownerId: 'ada', mimeType: 'image/jpeg', byteSize: bytes.length });
  const object = await db.selectFrom('object').selectAll().where('asset_id', '=', media.id).executeTakeFirst();
  expect(object).toMatchObject({ state: 'stored', provider: 'mocked', location: old.location, key: 'uploads/été 1.jpg', role: 'source' });
  expect(await db.selectFrom('job').select(['type', 'state']).where('id', '=', jobId).executeTakeFirst()).toEqual({ type: 'process', state: 'queued' });
  expect((await old.list({})).objects).toHaveLength(1);

  await expect(adoptObject(ctx, { url, destination: destination() })).rejects.toMatchObject({ code: 'conflict', detail: expect.stringContaining(media.id) });
});

test('refuses an object of no configured store, and leaves no row for it', async () => {
  const { old, ctx } = setting();
  await old.put('uploads/a.txt', Buffer.from('not a picture'), { contentType: 'text/plain' });
  await old.put('uploads/empty.jpg', Buffer.alloc(0), { contentType: 'image/jpeg' });
  for (const [url, code] of [
    ['https://elsewhere.example.org/a.jpg', 'invalid_request'],
    ['no url', 'invalid_request'],
    ['https://old.example.org/uploads/missing.jpg', 'not_found'],
    ['https://old.example.org/uploads/a.txt', 'unsupported_type'],
    ['https://old.example.org/uploads/empty.jpg', 'empty_file'],
  ]) {
    await expect(adoptObject(ctx, { url: url ?? '', destination: destination() })).rejects.toMatchObject({ code });
  }
  expect(await db.selectFrom('object').select('id').where('location', '=', old.location).execute()).toEqual([]);
  expect((await old.list({})).objects).toHaveLength(2);
});
