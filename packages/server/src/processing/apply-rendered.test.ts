import { Readable } from 'node:stream';

import { expect, test } from 'vitest';

import { quadrants } from '../../test/support/pictures.ts';
import { testUploads } from '../../test/support/uploads.ts';
import { readRow } from '../assets/media-row.ts';
import { newObjectId, newOpaqueToken } from '../lib/ids.ts';
import { transact } from '../lib/transact.ts';
import { collectionNamed } from '../policy/collection.ts';
import { reserveObjects } from '../storage/ledger.ts';
import { receiveFile } from '../uploads/receive-file.ts';
import { registerReceived } from '../uploads/register-received.ts';
import { applyRendered } from './apply-rendered.ts';
import type { Made } from './made.ts';

const { ctx } = await testUploads();
const { db, stores, collections } = ctx.site;
const listing = collectionNamed(collections, 'listing.photos');

async function upload(): Promise<string> {
  const destination = { collection: listing.name, entityType: 'listing', entityId: '1' };
  const body = Readable.from([await quadrants().jpeg().toBuffer()]);
  return (await registerReceived(ctx, await receiveFile(ctx, { destination, fileName: 'a.jpg', contentType: 'image/jpeg', body }))).media.id;
}

/** Rows like those for a decoder's outputs; the bytes are never read. */
async function made(roles: readonly string[]): Promise<Made> {
  const { provider, location } = stores.active('final');
  const rows = roles.map((role) => ({ id: newObjectId(), role, provider, location, key: `media/${newObjectId()}/${role}.webp` }));
  await reserveObjects(
    db,
    rows.map((row) => ({ ...row, leaseUntil: new Date(Date.now() + 60_000) })),
  );
  const about = { bytes: 1, sha256: null, mimeType: 'image/webp', width: 1, height: 1 };
  return { columns: { width: 1, height: 1 }, focalPoint: null, artifacts: rows.map((row) => ({ ...row, ...about, token: newOpaqueToken() })) };
}

const apply = async (id: string, result: Made, collection = listing) =>
  await transact(db, async (tx) => {
    const row = await readRow(tx, id);
    if (row === undefined) throw new Error('there is no such asset');
    return await applyRendered(ctx, tx, row, result, collection);
  });
const objectsOf = async (ids: readonly string[]) => await db.selectFrom('object').select(['id', 'state', 'asset_id', 'token']).where('id', 'in', ids).execute();

test('puts new outputs into the roles of the previous ones, in one statement', async () => {
  const id = await upload();
  const [first, second] = [await made(['card', 'thumbnail']), await made(['thumbnail', 'card', 'detail'])];
  await apply(id, first);
  const { after } = await apply(id, second);
  expect(after.status).toBe('ready');
  expect(after.artifacts.map(([role]) => role).toSorted()).toEqual(['card', 'detail', 'source', 'thumbnail']);
  expect(after.artifacts.filter(([role]) => role !== 'source').map(([, token]) => token)).toEqual(
    expect.arrayContaining(second.artifacts.map(({ token }) => token)),
  );
  for (const object of await objectsOf(first.artifacts.map(({ id: object }) => object)))
    expect(object).toMatchObject({ state: 'deleting', asset_id: null, token: null });
});

test('releases the source of a collection that keeps none', async () => {
  const id = await upload();
  const { after } = await apply(id, await made(['card']), { ...listing, keepSource: false });
  expect(after.source_object_id).toBeNull();
  expect(after.artifacts.map(([role]) => role)).toEqual(['card']);
});

test('makes nothing ready if an object was removed by the sweeper in the meantime', async () => {
  const id = await upload();
  const result = await made(['card', 'detail']);
  await db
    .deleteFrom('object')
    .where('id', '=', result.artifacts[0]?.id ?? '')
    .execute();
  await expect(apply(id, result)).rejects.toThrow('only 1 of 2 objects');
  const { status } = await db.selectFrom('asset').select('status').where('id', '=', id).executeTakeFirstOrThrow();
  expect(status).toBe('pending');
});

test('makes nothing ready if the rules of the collection, and with them its gate, are gone', async () => {
  const id = await upload();
  const result = await made(['card']);
  await db.updateTable('asset').set({ collection: 'of.nobody' }).where('id', '=', id).execute();
  await expect(apply(id, result)).rejects.toThrow('There is no policy');
});
