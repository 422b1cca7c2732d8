import { Readable } from 'node:stream';

import { afterAll, afterEach, describe, expect, onTestFinished, test } from 'vitest';

import { startFaultProxy } from '../../test/support/fault-proxy.ts';
import { quadrants } from '../../test/support/pictures.ts';
import { startTcpPostgres } from '../../test/support/tcp-postgres.ts';
import { resumableContext, testUploads } from '../../test/support/uploads.ts';
import { deleteMedia } from '../collections/delete-media.ts';
import { purgeMedia } from '../collections/purge-media.ts';
import type { Db } from '../lib/context.ts';
import { openDatabase } from '../lib/database.ts';
import { createLog } from '../lib/log.ts';
import { migrate } from '../lib/migrate.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { foundWith } from '../uploads/complete-upload.ts';
import { findOwnSession } from '../uploads/find-session.ts';
import { openResumable } from '../uploads/open-resumable.ts';
import { startImport } from '../uploads/start-import.ts';
import { receiveFile } from '../uploads/receive-file.ts';
import { registerReceived } from '../uploads/register-received.ts';
import { takeWhole } from '../uploads/take-whole.ts';
import { ingestReceived } from './ingest-received.ts';

const log = createLog({ level: 'silent' });
const postgres = await startTcpPostgres();
const { db, pool, close } = openDatabase({ connection: postgres.url, log });
afterAll(async () => {
  await close();
  await postgres.close();
});
await migrate(pool);
const uploads = await testUploads({ db });
const { ctx, objects, files } = uploads;
const picture = await quadrants().jpeg().toBuffer();

/** Every COMMIT of a transaction that did this to an asset fails, after all of its statements have succeeded. */
async function failCommits(event: 'insert' | 'delete'): Promise<void> {
  await pool.query(
    `create or replace function fail_at_commit() returns trigger language plpgsql as $$ begin raise exception 'no space left on device'; end $$`,
  );
  await pool.query(
    `create constraint trigger fail_at_commit after ${event} on asset deferrable initially deferred for each row execute function fail_at_commit()`,
  );
}

/** A database that executes its first COMMIT and never answers it. */
async function losingTheAnswer(): Promise<Db> {
  const proxy = await startFaultProxy(postgres.url.replace('postgres:', 'http:'), () => ({ kind: 'lost answer', to: /commit\0/i, is: /COMMIT\0/ }));
  const url = new URL(postgres.url);
  url.port = new URL(proxy.origin).port;
  const lossy = openDatabase({ connection: url.href, log });
  onTestFinished(async () => {
    expect(proxy.happened()).toBe(true);
    await lossy.close();
    await proxy.stop();
  });
  return lossy.db;
}

const place = { collection: 'artist.images', entityType: 'artist', entityId: '1' };
const upload = async (into: { collection: string; entityType: string; entityId: string }, through: Db = db): Promise<string> => {
  const context = { ...ctx, site: { ...ctx.site, db: through } };
  const received = await receiveFile(context, { destination: into, fileName: 'a.jpg', contentType: 'image/jpeg', body: Readable.from([picture]) });
  const media = received.plan.collection.ingest === 'inline' ? await ingestReceived(context, received) : (await registerReceived(context, received)).media;
  return media.id;
};
const assets = async (): Promise<string[]> => (await db.selectFrom('asset').select('id').execute()).map(({ id }) => id);

/** Rows and files match, one to one. */
async function expectAccounted(): Promise<void> {
  const rows = await objects();
  expect(await files()).toEqual(rows.map(({ key }) => key).toSorted());
  expect(rows.filter(({ state }) => state !== 'stored')).toEqual([]);
}
const empty = async (): Promise<void> => {
  await db.deleteFrom('job').execute();
  for (const id of await assets()) {
    await deleteMedia(ctx, { id, purge: 'now' });
    await purgeMedia(ctx, { assetId: id });
  }
  await db.deleteFrom('job').execute();
  expect({ assets: await assets(), objects: await objects(), files: await files() }).toEqual({ assets: [], objects: [], files: [] });
};
afterEach(async () => {
  await pool.query('drop trigger if exists fail_at_commit on asset');
  await empty();
});

describe.each([
  ['answered at once', place],
  ['queued', { collection: 'listing.photos', entityType: 'listing', entityId: '1' }],
])('an upload that is %s', (_how, into) => {
  test('leaves neither row nor byte if its COMMIT fails', async () => {
    await failCommits('insert');
    await expect(upload(into)).rejects.toThrow('no space left on device');
    expect({ assets: await assets(), objects: await objects(), files: await files() }).toEqual({ assets: [], objects: [], files: [] });
    expect(await db.selectFrom('job').select('id').execute()).toEqual([]);
  });

  test('is answered with its record, and keeps all of its bytes, if its COMMIT succeeds and only the answer is lost', async () => {
    const answered = await upload(into, await losingTheAnswer());
    const [id, ...others] = await assets();
    expect({ id, others }).toEqual({ id: answered, others: [] });
    const { status } = await db
      .selectFrom('asset')
      .select('status')
      .where('id', '=', id ?? '')
      .executeTakeFirstOrThrow();
    expect(status).toBe(into === place ? 'ready' : 'pending');
    await sweepLedger(ctx);
    expect((await objects()).length).toBeGreaterThan(0);
    await expectAccounted();
  });
});

test('a resumable upload that came whole is answered as complete if its COMMIT succeeds and only the answer is lost', async () => {
  const client = resumableContext({ ...uploads, ctx });
  const opened = await openResumable(client, {
    destination: place,
    fileName: 'a.jpg',
    contentType: 'image/jpeg',
    length: picture.length,
    metadata: null,
    concat: null,
  });
  const session = await findOwnSession(client, { uploadId: opened.id });
  const input = { session, offset: 0, body: Readable.from([picture]), contentLength: picture.length, length: null, checksum: null };
  const lossy = { ...client, site: { ...client.site, db: await losingTheAnswer() } };
  expect(await takeWhole(lossy, input, foundWith(session))).toMatchObject({ isTaken: true });
  expect(await assets()).toEqual([session.asset_id]);
  await sweepLedger(ctx);
  await expectAccounted();
});

test('an import whose COMMIT succeeds is answered with its job, though the answer to the COMMIT is lost', async () => {
  const site = { ...ctx.site, db: await losingTheAnswer(), importAllowPrivate: [] };
  const { jobId } = await startImport({ ...ctx, site }, { ...place, url: 'https://example.com/a.jpg' });
  expect(await db.selectFrom('job').select('id').execute()).toEqual([{ id: jobId }]);
  await db.deleteFrom('object').execute();
});

describe('a deletion', () => {
  test('removes nothing if its COMMIT fails, and everything when it is repeated', async () => {
    const id = await upload(place);
    await sweepLedger(ctx);
    const before = { objects: await objects(), files: await files() };
    await deleteMedia(ctx, { id, purge: 'now' });
    await failCommits('delete');
    await expect(purgeMedia(ctx, { assetId: id })).rejects.toThrow('no space left on device');
    expect({ objects: await objects(), files: await files() }).toEqual(before);
    expect(await assets()).toEqual([id]);
    await pool.query('drop trigger fail_at_commit on asset');
    await purgeMedia(ctx, { assetId: id });
    expect({ assets: await assets(), objects: await objects(), files: await files() }).toEqual({ assets: [], objects: [], files: [] });
  });

  test('is completed by the sweeper if its COMMIT succeeds and only the answer is lost', async () => {
    const id = await upload(place);
    await sweepLedger(ctx);
    await deleteMedia(ctx, { id, purge: 'now' });
    await expect(purgeMedia({ ...ctx, site: { ...ctx.site, db: await losingTheAnswer() } }, { assetId: id })).rejects.toThrow();
    expect(await assets()).toEqual([]);
    await sweepLedger(ctx);
    expect({ objects: await objects(), files: await files() }).toEqual({ objects: [], files: [] });
  });
});
