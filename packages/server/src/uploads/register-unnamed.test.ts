import { readFile } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';

import { sql } from '#kysely';
import { describe, expect, test } from 'vitest';

import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { deleteMedia } from '../collections/delete-media.ts';
import { purgeMedia } from '../collections/purge-media.ts';
import type { Db } from '../lib/context.ts';
import { openDatabase } from '../lib/database.ts';
import { SafelightError } from '../lib/errors.ts';
import { createLog } from '../lib/log.ts';
import { withLocalFile } from '../storage/with-local-file.ts';
import type { Store, Unnamed } from '../storage/store.ts';
import { storesOf } from '../storage/stores.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { sweepUnnamed, unnamedLeaseMs } from '../storage/sweep-unnamed.ts';
import { discardReceived, discardUnregistered } from './discard-received.ts';
import { nameStoredMeanwhile } from './name-stored.ts';
import { receiveFile } from './receive-file.ts';
import type { ReceivedFile } from './received-file.ts';
import { registerReceived } from './register-received.ts';

const receive = async (uploads: TestUploads): Promise<ReceivedFile> => await receiveBody(uploads, Readable.from([Buffer.from('some words')]));
const receiveBody = async ({ ctx }: TestUploads, body: Readable): Promise<ReceivedFile> =>
  await receiveFile(ctx, { destination: { collection: 'product.files', entityType: 'product', entityId: '1' }, fileName: 'a.txt', contentType: null, body });

const left = async (uploads: TestUploads) => ({ files: await uploads.files(), objects: await uploads.objects() });
const nothing = { files: [], objects: [] };

/** The same uploads with a store that names objects in another way. */
function naming(uploads: TestUploads, publish: (unnamed: Unnamed, key: string) => Promise<void>): TestUploads {
  const { stores } = uploads.ctx.site;
  const store = stores.active('staging');
  const { unnamed } = store;
  if (unnamed === undefined) throw new Error('A file store names objects later.');
  const other: Store = { ...store, unnamed: { ...unnamed, publish: async (key) => await publish(unnamed, key) } };
  const name = `${store.provider}:${store.location}`;
  return { ...uploads, ctx: { ...uploads.ctx, site: { ...uploads.ctx.site, stores: storesOf([other], { staging: name, final: name }) } } };
}

const withDatabase = (uploads: TestUploads, db: Db): TestUploads => ({ ...uploads, ctx: { ...uploads.ctx, site: { ...uploads.ctx.site, db } } });

/** A server that died after the COMMIT. */
async function registerAndDie(uploads: TestUploads): Promise<{ received: ReceivedFile; id: string }> {
  const dying = naming(uploads, () => Promise.reject(new Error('died')));
  const received = await receive(dying);
  const { media } = await registerReceived(dying.ctx, received);
  expect(await left(uploads)).toEqual({ files: [hidden(received)], objects: [{ key: received.locator.key, state: 'stored' }] });
  return { received, id: media.id };
}

const hidden = ({ locator }: ReceivedFile): string => `.safelight/unnamed/${locator.key.replaceAll('/', '%2F')}`;

test('a small file is recorded by one transaction: ledger row, session, asset and job; its name follows', async () => {
  const uploads = await testUploads();
  const received = await receive(uploads);
  expect(await left(uploads)).toEqual({ files: [hidden(received)], objects: [] });
  await registerReceived(uploads.ctx, received);
  expect(await left(uploads)).toEqual({ files: [received.locator.key], objects: [{ key: received.locator.key, state: 'stored' }] });
  const { rows } = await sql<{ tx: string }>`
    select xmin::text as tx from object union all select xmin::text from asset union all select xmin::text from upload_session
    union all select xmin::text from job union all select xmin::text from event`.execute(uploads.ctx.site.db);
  expect(rows).toHaveLength(6);
  expect(new Set(rows.map(({ tx }) => tx)).size).toBe(1);
  const stored = await uploads.ctx.site.db.selectFrom('object').selectAll().executeTakeFirstOrThrow();
  expect(stored).toMatchObject({ id: received.objectId, asset_id: received.assetId, bytes: 10, sha256: received.sha256, lease_until: null, role: 'source' });
});

test('files of which only some have ledger rows become assets together', async () => {
  const uploads = await testUploads();
  const { unnamed: _, ...namesAtOnce } = uploads.ctx.site.stores.active('staging');
  const name = `${namesAtOnce.provider}:${namesAtOnce.location}`;
  const stores = storesOf([namesAtOnce], { staging: name, final: name });
  const recorded = await receive({ ...uploads, ctx: { ...uploads.ctx, site: { ...uploads.ctx.site, stores } } });
  const received = [recorded, await receive(uploads), await receive(uploads)];
  expect(await uploads.objects()).toHaveLength(1);
  await Promise.all(received.map((file) => registerReceived(uploads.ctx, file)));
  expect((await uploads.objects()).map(({ state }) => state)).toEqual(['stored', 'stored', 'stored']);
  expect(await uploads.files()).toEqual(received.map(({ locator }) => locator.key).toSorted());
});

describe('a file of several pieces', () => {
  const pieces = Array.from({ length: 16 }, () => Buffer.alloc(65_536, 'some words'));

  test('of a megabyte that comes at once is recorded by one transaction too', async () => {
    const uploads = await testUploads();
    const received = await receiveBody(uploads, Readable.from(pieces));
    expect(received).toMatchObject({ bytes: 2 ** 20, isUnnamed: true });
    expect(await left(uploads)).toEqual({ files: [hidden(received)], objects: [] });
    const { media } = await registerReceived(uploads.ctx, received);
    expect(media.byteSize).toBe(2 ** 20);
  });

  test('that has more than that, or is still on its way after a moment, has a ledger row before its first byte', async () => {
    const uploads = await testUploads();
    const large = await receiveBody(uploads, Readable.from([...pieces, ...pieces, ...pieces]));
    expect(large).toMatchObject({ bytes: 3 * 2 ** 20 });
    const slow = new PassThrough();
    slow.write(Buffer.concat(pieces.slice(0, 2)));
    const receiving = receiveBody(uploads, slow);
    await expect.poll(uploads.objects).toHaveLength(2);
    slow.end('more');
    expect(await receiving).toMatchObject({ bytes: 2 * 65_536 + 4 });
    expect((await uploads.objects()).map(({ state }) => state)).toEqual(['writing', 'writing']);
    expect(await uploads.files()).toEqual([large.locator.key, (await receiving).locator.key].toSorted());
  });

  test('that breaks off leaves nothing', async () => {
    const uploads = await testUploads();
    const body = new PassThrough().on('error', () => undefined);
    body.write(Buffer.concat(pieces.slice(0, 2)));
    const receiving = receiveBody(uploads, body);
    body.destroy(new Error('broken off'));
    await expect(receiving).rejects.toThrow();
    expect(await left(uploads)).toEqual(nothing);
  });
});

describe('a server that died', () => {
  test('before the transaction leaves bytes without a name, which the sweep removes', async () => {
    const uploads = await testUploads();
    await receive(uploads);
    await sweepUnnamed(uploads.ctx, Date.now() + unnamedLeaseMs + 60_000);
    expect(await left(uploads)).toEqual(nothing);
  });

  test('between the COMMIT and the name leaves an object that is read as a file', async () => {
    const uploads = await testUploads();
    const { received } = await registerAndDie(uploads);
    const text = await withLocalFile(uploads.ctx.site.stores, received.locator, uploads.ctx.signal, async (file) => await readFile(file, 'utf8'));
    expect(text).toBe('some words');
    expect(await uploads.files()).toEqual([received.locator.key]);
  });

  test('between the COMMIT and the name leaves an object that is sent to a reader', async () => {
    const uploads = await testUploads();
    const { received } = await registerAndDie(uploads);
    const stored = await uploads.ctx.site.stores.of(received.locator).get(received.locator.key);
    expect(stored && (await buffer(stored.body)).toString()).toBe('some words');
    expect(await uploads.files()).toEqual([received.locator.key]);
  });

  test('between the COMMIT and the name leaves an object that the sweep names', async () => {
    const uploads = await testUploads();
    const { received } = await registerAndDie(uploads);
    await sweepLedger(uploads.ctx);
    expect(await uploads.files()).toEqual([received.locator.key]);
  });

  test('between the COMMIT and the name leaves an object that a deletion removes', async () => {
    const uploads = await testUploads();
    const { id } = await registerAndDie(uploads);
    await deleteMedia(uploads.ctx, { id, purge: 'now' });
    await purgeMedia(uploads.ctx, { assetId: id });
    expect(await left(uploads)).toEqual(nothing);
  });
});

test('a file that is deleted between its COMMIT and its name stays deleted', async () => {
  const uploads = await testUploads();
  const { ctx } = uploads;
  const slow = naming(uploads, async (unnamed, key) => {
    const { id } = await ctx.site.db.selectFrom('asset').select('id').executeTakeFirstOrThrow();
    await deleteMedia(ctx, { id, purge: 'now' });
    await purgeMedia(ctx, { assetId: id });
    await unnamed.publish(key);
  });
  await registerReceived(slow.ctx, await receive(slow));
  expect(await left(uploads)).toEqual(nothing);
});

describe('an answer that does not wait for the name', () => {
  test('comes while the disk still makes it, and readers find the object', async () => {
    const uploads = await testUploads();
    const made = Promise.withResolvers<void>();
    const slow = naming(uploads, async (unnamed, key) => {
      await made.promise;
      await unnamed.publish(key);
    });
    const received = await receive(slow);
    await registerReceived(slow.ctx, received, { answersFirst: true });
    expect(await left(uploads)).toEqual({ files: [hidden(received)], objects: [{ key: received.locator.key, state: 'stored' }] });
    const stored = await uploads.ctx.site.stores.of(received.locator).get(received.locator.key);
    expect(stored && (await buffer(stored.body)).toString()).toBe('some words');
    made.resolve();
  });

  test('waits for it after all when many names are still to be made', async () => {
    const uploads = await testUploads();
    const made = Promise.withResolvers<void>();
    const { ctx } = naming(uploads, async () => await made.promise);
    const stored = { ...(await receive(uploads)), isUnnamed: true };
    for (let count = 0; count < 64; count += 1) await nameStoredMeanwhile(ctx, stored);
    let isAnswered = false;
    const last = nameStoredMeanwhile(ctx, stored).then(() => (isAnswered = true));
    await turn();
    expect(isAnswered).toBe(false);
    made.resolve();
    await last;
  });
});

test('a refusal in the transaction leaves nothing', async () => {
  const uploads = await testUploads();
  const refused = registerReceived(uploads.ctx, await receive(uploads), { keep: () => Promise.reject(new SafelightError('conflict', 'Refused.')) });
  await expect(refused).rejects.toMatchObject({ code: 'conflict' });
  expect(await left(uploads)).toEqual(nothing);
});

test('a file that waited longer than its lease is refused, for the sweep may be about to remove its bytes', async () => {
  const uploads = await testUploads();
  const received = await receive(uploads);
  uploads.time.now = new Date(Date.now() + 7 * 3600 * 1000);
  await expect(registerReceived(uploads.ctx, received)).rejects.toMatchObject({ code: 'conflict' });
  expect(await left(uploads)).toEqual(nothing);
});

test('a file that is not wanted after all is removed without a row', async () => {
  const uploads = await testUploads();
  await discardReceived(uploads.ctx, await receive(uploads));
  expect(await left(uploads)).toEqual(nothing);
});

describe('when nobody knows whether the transaction was carried out', () => {
  test('and the database is away, the bytes are left for the sweep', async () => {
    const uploads = await testUploads();
    const gone = openDatabase({ connection: 'postgres://nobody@127.0.0.1:1/none', log: createLog({ level: 'silent' }) });
    const received = await receive(uploads);
    await expect(registerReceived(withDatabase(uploads, gone.db).ctx, received)).rejects.toThrow();
    await gone.close();
    expect(await left(uploads)).toEqual({ files: [hidden(received)], objects: [] });
  });

  test.each([
    ['is still running and commits, they are kept', 'commit' as const],
    ['is still running and fails, they are removed', 'roll back' as const],
  ])('and it %s', async (_what, end) => {
    const uploads = await testUploads();
    const { db } = uploads.ctx.site;
    const received = await receive(uploads);
    const [inserted, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const registering = registerReceived(uploads.ctx, received, {
      keep: async () => {
        inserted.resolve();
        await mayEnd.promise;
        if (end === 'roll back') throw new Error('The connection was lost.');
      },
    }).catch(() => undefined);
    await inserted.promise;
    const discarding = discardUnregistered(uploads.ctx, received);
    await expect
      .poll(async () => (await sql<{ waits: boolean }>`select exists (select from pg_locks where not granted) as waits`.execute(db)).rows[0]?.waits)
      .toBe(true);
    mayEnd.resolve();
    await Promise.all([registering, discarding]);
    expect(await left(uploads)).toEqual(
      end === 'commit' ? { files: [received.locator.key], objects: [{ key: received.locator.key, state: 'stored' }] } : nothing,
    );
  });
});
