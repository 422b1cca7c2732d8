import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { sql } from '#kysely';
import { beforeAll, expect, test } from 'vitest';

import { resumableContext, testUploads } from '../../test/support/uploads.ts';
import { locatorOf } from '../storage/ledger.ts';
import { abortUpload } from './abort-upload.ts';
import { findOwnSession } from './find-session.ts';
import { holdUpload, type ResumableContext } from './hold-upload.ts';
import { openResumable } from './open-resumable.ts';
import { receiveResumable } from './receive-resumable.ts';
import { readSessionObject, type UploadSession } from './session-rows.ts';

let ctx: ResumableContext;
beforeAll(async () => {
  ctx = resumableContext(await testUploads());
  // The first upload reads the rules; the next ones remember them.
  await open('first');
});

const open = async (text: string): Promise<UploadSession> =>
  await openResumable(ctx, {
    destination: { collection: 'product.files', entityType: 'product', entityId: '1' },
    fileName: 'a.txt',
    contentType: null,
    length: text.length,
    metadata: null,
    concat: null,
  });

/** Sends the bytes as a request does, and counts how often it reads the upload. */
async function send({ id }: UploadSession, text: string, by = ctx) {
  let finds = 0;
  const { offset } = await receiveResumable(by, {
    uploadId: id,
    find: async () => {
      finds += 1;
      return await findOwnSession(by, { uploadId: id });
    },
    offset: 0,
    body: Readable.from([Buffer.from(text)]),
    contentLength: text.length,
    length: null,
    checksum: null,
  });
  return { offset, finds };
}

async function textOf(session: UploadSession): Promise<string> {
  const object = await readSessionObject(ctx.site.db, session.object_id ?? '');
  const stored = object && (await ctx.site.stores.of(locatorOf(object)).get(object.key));
  return stored ? (await buffer(stored.body)).toString() : '';
}

test('a small upload that was opened here and comes as a whole is not read again', async () => {
  const session = await open('fresh');
  expect(await send(session, 'fresh')).toEqual({ offset: 5, finds: 0 });
  expect(await textOf(session)).toBe('fresh');
  expect(await findOwnSession(ctx, { uploadId: session.id })).toMatchObject({ state: 'finalizing', received_bytes: 5 });
});

test('what is remembered of an upload is the row that was written', async () => {
  const session = await open('fresh');
  const { object: _, most_bytes: __, ...row } = await findOwnSession(ctx, { uploadId: session.id });
  expect(session).toEqual(row);
});

test('a second request of the same upload reads it, and is told where it stands', async () => {
  const session = await open('fresh');
  await send(session, 'fresh');
  await expect(send(session, 'fresh')).rejects.toMatchObject({ code: 'conflict', headers: { 'upload-offset': '5' } });
});

test('an upload that another request has had since is read, and its bytes come in', async () => {
  const session = await open('fresh');
  await (await holdUpload(ctx, session.id)).release();
  expect(await send(session, 'fresh')).toEqual({ offset: 5, finds: 1 });
  expect(await textOf(session)).toBe('fresh');
});

test('an upload that was ended by another server is refused', async () => {
  const session = await open('fresh');
  await abortUpload(ctx, { uploadId: session.id });
  await expect(send(session, 'fresh')).rejects.toMatchObject({ code: 'gone' });
});

test('an upload of somebody else does not exist, also right after it was opened', async () => {
  const session = await open('fresh');
  const stranger = { ...ctx, actor: { id: 'eve', scopes: new Set(['media:write'] as const) } };
  await expect(send(session, 'stolen', stranger)).rejects.toMatchObject({ code: 'not_found' });
  expect(await send(session, 'fresh')).toEqual({ offset: 5, finds: 0 });
});

test('rules that another server has changed since decide', async () => {
  const setMost = async (most: number) => {
    await sql`update policy set rules = jsonb_set(rules, '{maxBytes}', ${most}::text::jsonb) where collection = 'product.files'`.execute(ctx.site.db);
  };
  const [wide, tight] = [await open('fresh'), await open('fresh')];
  await setMost(100_000);
  expect(await send(wide, 'fresh')).toEqual({ offset: 5, finds: 1 });
  await setMost(3);
  await expect(send(tight, 'fresh')).rejects.toMatchObject({ code: 'file_too_large' });
});
