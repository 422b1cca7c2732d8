import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { beforeAll, expect, test } from 'vitest';

import { resumableContext, testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';
import { sweepUnnamed } from '../storage/sweep-unnamed.ts';
import { abortUpload } from './abort-upload.ts';
import { appendBytes, type AppendBytes } from './append-bytes.ts';
import { foundWith } from './complete-upload.ts';
import { findOwnSession } from './find-session.ts';
import { finishResumable } from './finish-resumable.ts';
import { holdUpload, type ResumableContext } from './hold-upload.ts';
import { openResumable } from './open-resumable.ts';
import { readSessionObject, type FoundSession } from './session-rows.ts';
import { takeWhole } from './take-whole.ts';

let uploads: TestUploads;
let ctx: ResumableContext;
beforeAll(async () => {
  uploads = await testUploads();
  ctx = resumableContext(uploads);
});

async function opened(length: number): Promise<FoundSession> {
  const { id } = await openResumable(ctx, {
    destination: { collection: 'product.files', entityType: 'product', entityId: '1' },
    fileName: 'a.bin',
    contentType: null,
    length,
    metadata: null,
    concat: null,
  });
  return await found(id);
}
const found = async (uploadId: string): Promise<FoundSession> => await findOwnSession(ctx, { uploadId });
const inputOf = (session: FoundSession, body: Readable | string): AppendBytes => ({
  session,
  offset: 0,
  body: typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body,
  contentLength: session.declared_bytes,
  length: null,
  checksum: null,
});
const take = async (session: FoundSession, body: string, by = ctx) => await takeWhole(by, inputOf(session, body), foundWith(session));
/** As a request does whose upload is not taken as a whole. */
async function append(session: FoundSession, begun: Buffer[], body = Readable.from([])): Promise<void> {
  const appended = await appendBytes(ctx, { ...inputOf(session, body), begun });
  await finishResumable(ctx, appended.session, appended.stored && { stored: appended.stored });
}
async function stored(session: FoundSession): Promise<{ text: string; sha256: string | null; state: string }> {
  const object = await readSessionObject(ctx.site.db, session.object_id ?? '');
  const got = object && (await ctx.site.stores.of(locatorOf(object)).get(object.key));
  return { text: got ? (await buffer(got.body)).toString() : '', sha256: object?.sha256 ?? null, state: object?.state ?? '' };
}
const unnamed = async (): Promise<string[]> => ((await ctx.site.stores.active('staging').unnamed?.list()) ?? []).map(({ key }) => key);
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const whole = (text: string) => ({ text, sha256: digestOf(text), state: 'stored' });

test('a small upload that comes whole is complete, with its digest, and nobody has to hold it', async () => {
  const session = await opened(5);
  expect(await take(session, 'fresh')).toMatchObject({ isTaken: true });
  expect(await stored(session)).toEqual(whole('fresh'));
  const after = await found(session.id);
  expect(after).toMatchObject({ state: 'finalizing', received_bytes: 5, lock_holder: null });
  const job = await ctx.site.db.selectFrom('job').select('type').where('upload_id', '=', session.id).execute();
  expect(job).toEqual([{ type: 'finalize' }]);
  // A repeat, whose answer was lost, is told where the upload stands.
  await expect(append(session, [Buffer.from('fresh')])).rejects.toMatchObject({ code: 'conflict', headers: { 'upload-offset': '5' } });
});

test('of several requests that bring all of one upload at once, one gets it, and no byte of the others is in it', async () => {
  const session = await opened(5);
  const bodies = ['first', 'other', 'third'];
  const answers = await Promise.all(bodies.map((body) => take(session, body)));
  const results = await Promise.allSettled(answers.map(async ({ isTaken, begun }) => (isTaken ? undefined : await append(session, begun))));
  const won = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [bodies[index] ?? ''] : []));
  expect(won).toHaveLength(1);
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict' });
  expect(await stored(session)).toEqual(whole(won[0] ?? ''));
});

test('an upload that another request has taken meanwhile is left to it', async () => {
  const session = await opened(5);
  const other = await holdUpload(ctx, session.id);
  const { isTaken, begun } = await take(session, 'fresh');
  expect(isTaken).toBe(false);
  expect(Buffer.concat(begun).toString()).toBe('fresh');
  expect(await found(session.id)).toMatchObject({ state: 'open', received_bytes: 0 });
  await other.release();
  await append(await found(session.id), [Buffer.from('other')]);
  expect((await stored(session)).text).toBe('other');
});

test('an upload that another request has had and returned is appended', async () => {
  const session = await opened(5);
  await (await holdUpload(ctx, session.id)).release();
  for (const known of [session, await found(session.id)]) expect(await take(known, 'stale')).toMatchObject({ isTaken: false });
  await append(await found(session.id), [Buffer.from('fresh')]);
  expect((await stored(session)).text).toBe('fresh');
  expect(await unnamed()).toEqual([]);
});

test('an upload that was ended while its bytes came is not taken', async () => {
  const session = await opened(5);
  await abortUpload(ctx, { uploadId: session.id });
  expect(await take(session, 'fresh')).toMatchObject({ isTaken: false });
  await expect(append(session, [Buffer.from('fresh')])).rejects.toMatchObject({ code: 'gone' });
  expect(await ctx.site.db.selectFrom('asset').select('id').where('id', '=', session.asset_id).execute()).toEqual([]);
});

test('a body that does not come at once is appended, with what had come of it', async () => {
  const session = await opened(10);
  const body = new PassThrough();
  body.write('begun');
  const { isTaken, begun } = await takeWhole(ctx, inputOf(session, body), foundWith(session));
  expect({ isTaken, begun: Buffer.concat(begun).toString() }).toEqual({ isTaken: false, begun: 'begun' });
  body.end('ended');
  await append(session, begun, body);
  expect((await stored(session)).text).toBe('begunended');
});

test('a body that is cut leaves what had come of it to be kept', async () => {
  const session = await opened(10);
  const body = new PassThrough();
  body.write('begun');
  setImmediate(() => body.destroy());
  const { isTaken, begun } = await takeWhole(ctx, inputOf(session, body), foundWith(session));
  expect(isTaken).toBe(false);
  await expect(append(session, begun, body)).rejects.toMatchObject({ code: 'upload_incomplete' });
  expect(await found(session.id)).toMatchObject({ state: 'open', received_bytes: 5, lock_holder: null });
});

test('bytes that do not match their checksum leave the upload as it was', async () => {
  const session = await opened(5);
  const checksum = { algorithm: 'sha1', digest: createHash('sha1').update('fresh').digest() };
  const sent = (body: string) => takeWhole(ctx, { ...inputOf(session, body), checksum }, foundWith(session));
  await expect(sent('wrong')).rejects.toMatchObject({ code: 'checksum_mismatch', headers: { 'upload-offset': '0' } });
  expect(await found(session.id)).toMatchObject({ state: 'open', received_bytes: 0 });
  expect(await sent('fresh')).toMatchObject({ isTaken: true });
  expect(await stored(session)).toEqual(whole('fresh'));
});

test('what a full disk has refused can be sent again', async () => {
  const session = await opened(5);
  const store = ctx.site.stores.active('staging');
  const put = () => Promise.reject(new SafelightError('storage_unavailable', 'The disk is full.'));
  const full = { ...store, put, ...(store.unnamed && { unnamed: { ...store.unnamed, put } }) };
  const onFullDisk = { ...ctx, site: { ...ctx.site, stores: { ...ctx.site.stores, of: () => full } } };
  await expect(take(session, 'fresh', onFullDisk)).rejects.toMatchObject({ code: 'storage_unavailable' });
  expect(await found(session.id)).toMatchObject({ state: 'open', received_bytes: 0, lock_holder: null });
  expect(await take(session, 'fresh')).toMatchObject({ isTaken: true });
});

test.each(['with its name', 'without'])('a file that a server stored %s before it died is replaced when its client sends it again', async (how) => {
  const session = await opened(5);
  const store = ctx.site.stores.active('staging');
  const [key, stale, type] = [session.object?.key ?? '', Buffer.from('stale'), { contentType: 'text/plain' }];
  await (how === 'without' ? store.unnamed?.put(key, [stale], type) : store.put(key, stale, type));
  const { isTaken, begun } = await take(session, 'fresh');
  if (!isTaken) await append(session, begun);
  expect((await stored(session)).text).toBe('fresh');
  await sweepUnnamed(uploads.ctx);
  expect((await stored(session)).text).toBe('fresh');
  expect(await unnamed()).toEqual([]);
});

test('a file whose server died before it could name it is whole for its readers', async () => {
  const session = await opened(5);
  const store = ctx.site.stores.active('staging');
  const dying = { ...store, ...(store.unnamed && { unnamed: { ...store.unnamed, publish: () => Promise.reject(new Error('killed')) } }) };
  const doomed = { ...ctx, site: { ...ctx.site, stores: { ...ctx.site.stores, of: () => dying } } };
  expect(await take(session, 'fresh', doomed)).toMatchObject({ isTaken: true });
  expect(await unnamed()).toEqual([session.object?.key]);
  expect(await stored(session)).toEqual(whole('fresh'));
  expect(await unnamed()).toEqual([]);
});
