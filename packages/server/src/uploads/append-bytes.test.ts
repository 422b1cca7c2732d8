import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

import { beforeAll, expect, test, vi } from 'vitest';

import { resumableContext, testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { locatorOf } from '../storage/ledger.ts';
import { storageAway } from '../storage/storage-away.ts';
import { appendBytes } from './append-bytes.ts';
import { finishResumable } from './finish-resumable.ts';
import type { ResumableContext } from './hold-upload.ts';
import { openResumable } from './open-resumable.ts';
import { readSession, readSessionObject, type UploadSession } from './session-rows.ts';

let uploads: TestUploads;
let client: ResumableContext;

beforeAll(async () => {
  uploads = await testUploads();
  client = resumableContext(uploads);
});

const opened = async (length: number): Promise<UploadSession> =>
  await openResumable(client, {
    destination: { collection: 'product.files', entityType: 'product', entityId: '1' },
    fileName: 'a.bin',
    contentType: null,
    length,
    metadata: null,
    concat: null,
  });
const now = async ({ id }: UploadSession): Promise<UploadSession> => {
  const session = await readSession(client.site.db, id);
  if (session === undefined) throw new Error('the upload is there');
  return session;
};
const append = async (session: UploadSession, offset: number, body: Readable, contentLength: number | null = null) =>
  await appendBytes(client, { session, offset, body, contentLength, length: null, checksum: null });
const stored = async (session: UploadSession): Promise<Buffer> => {
  const object = await readSessionObject(client.site.db, session.object_id ?? '');
  if (object === undefined) throw new Error('the object is there');
  const got = await client.site.stores.of(locatorOf(object)).get(object.key);
  return got === null ? Buffer.alloc(0) : await buffer(got.body);
};

test.each([100, 3_000_000])('a request that was taken for dead changes nothing of what came after it, of %d bytes', async (length) => {
  const session = await opened(length);
  const goOn = Promise.withResolvers<void>();
  const hasBegun = Promise.withResolvers<void>();
  async function* stale(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(length / 2, 'stale');
    await nextTurn();
    hasBegun.resolve();
    await goOn.promise;
    yield Buffer.alloc(length / 2, 'stale');
  }
  const late = append(session, 0, Readable.from(stale()));
  // On a busy machine it may find that it has lost the upload before it is told to go on.
  late.catch(() => undefined);
  await hasBegun.promise;
  // Its process stood still for longer than its lease.
  await client.site.db
    .updateTable('upload_session')
    .set({ lock_until: new Date(0) })
    .where('id', '=', session.id)
    .execute();
  await append(await now(session), 0, Readable.from([Buffer.alloc(length / 2, 'fresh')]));
  goOn.resolve();
  await expect(late).rejects.toMatchObject({ code: 'conflict' });
  const between = await now(session);
  expect(between.received_bytes).toBe(length / 2);
  const whole = await append(between, length / 2, Readable.from([Buffer.alloc(length / 2, 'FRESH')]));
  await finishResumable(client, whole.session);
  expect((await stored(session)).equals(Buffer.concat([Buffer.alloc(length / 2, 'fresh'), Buffer.alloc(length / 2, 'FRESH')]))).toBe(true);
});

test.each([
  [0, 100],
  [0, 3_000_000],
  [2_000_000, 3_000_000],
])('bytes that the store did not take do not count: at %d of %d it could not open the file', async (offset, length) => {
  const bytes = Buffer.from(Array.from({ length }, (_, index) => index % 251));
  const session = await opened(length);
  if (offset > 0) await append(session, 0, Readable.from([Buffer.from(bytes.subarray(0, offset))]));
  const store = client.site.stores.active('staging');
  const { append: growing } = store;
  if (growing === undefined) throw new Error('a filesystem appends');
  const away = storageAway('The disk is mounted read-only.');
  const refusals = [vi.spyOn(store, 'put').mockRejectedValue(away), vi.spyOn(growing, 'open').mockRejectedValue(away)];
  await expect(append(await now(session), offset, Readable.from([Buffer.from(bytes.subarray(offset))]))).rejects.toMatchObject({ code: 'storage_unavailable' });
  for (const refusal of refusals) refusal.mockRestore();
  expect((await now(session)).received_bytes).toBe(offset);
  const whole = await append(await now(session), offset, Readable.from([Buffer.from(bytes.subarray(offset))]));
  await finishResumable(client, whole.session);
  expect((await stored(session)).equals(bytes)).toBe(true);
});

test('a request in whose middle the upload expires is told so, not to go on from there', async () => {
  const session = await opened(100);
  const soon = new Date(client.site.clock.now().getTime() + 300);
  await client.site.db.updateTable('upload_session').set({ expires_at: soon }).where('id', '=', session.id).execute();
  const body = new PassThrough();
  const slow = append({ ...session, expires_at: soon }, 0, body);
  body.write('the first bytes');
  await expect(slow).rejects.toMatchObject({ code: 'upload_expired' });
});

test('a request to an upload that is complete already, whose connection is cut, is no failure of ours', async () => {
  const session = await opened(100);
  const { session: whole } = await append(session, 0, Readable.from([Buffer.alloc(100)]));
  await finishResumable(client, whole);
  const body = new PassThrough();
  const repeated = append(await now(session), 100, body);
  body.destroy();
  await expect(repeated).rejects.toMatchObject({ code: 'upload_incomplete' });
});

test('a small file in one request is sent again if its server died before recording it', async () => {
  const session = await opened(5);
  const object = await readSessionObject(client.site.db, session.object_id ?? '');
  const store = client.site.stores.active('staging');
  await store.put(object?.key ?? '', Buffer.from('stale'), { contentType: 'text/plain' });
  const { session: whole } = await append(await now(session), 0, Readable.from([Buffer.from('fresh')]), 5);
  await finishResumable(client, whole);
  expect((await stored(session)).toString()).toBe('fresh');
});

test('a file that comes whole in one small request has the digest of its bytes in the ledger before anybody reads them again', async () => {
  const session = await opened(5);
  const { stored: whole, ...appended } = await append(await now(session), 0, Readable.from([Buffer.from('fresh')]), 5);
  await finishResumable(client, appended.session, whole && { stored: whole });
  const object = await readSessionObject(client.site.db, session.object_id ?? '');
  expect(object).toMatchObject({ state: 'stored', bytes: 5, sha256: createHash('sha256').update('fresh').digest('hex'), crc32: crc32('fresh') });
});

test('progress is recorded during the transfer, not only at its end', async () => {
  const length = 160 << 20;
  const session = await opened(length);
  const piece = Buffer.alloc(1 << 20, 1);
  async function* body(): AsyncGenerator<Buffer> {
    for (let n = 0; n < 150; n += 1) yield Buffer.from(piece);
    // A slow disk is behind what was sent.
    await expect.poll(async () => (await now(session)).received_bytes).toBeGreaterThanOrEqual(64 << 20);
  }
  const { offset } = await append(session, 0, Readable.from(body()));
  expect(offset).toBe(150 << 20);
});
