import { Readable } from 'node:stream';

import { expect, test } from 'vitest';

import { listMedia } from '../src/assets/list-media.ts';
import { readMedia } from '../src/assets/read-media.ts';
import { readEntityMedia, type EntityContext } from '../src/collections/read-entity-media.ts';
import { deleteMedia } from '../src/collections/delete-media.ts';
import { problemOf } from '../src/http/problem.ts';
import { listJobs } from '../src/jobs/list-jobs.ts';
import { readJob } from '../src/jobs/read-job.ts';
import type { Actor } from '../src/lib/context.ts';
import type { Failure } from '../src/lib/schema.ts';
import { failProcessing } from '../src/processing/fail-processing.ts';
import { storageAway } from '../src/storage/storage-away.ts';
import { receiveFile } from '../src/uploads/receive-file.ts';
import { registerReceived } from '../src/uploads/register-received.ts';
import { testDatabase } from './support/database.ts';
import { jobInState, testWorker } from './support/jobs.ts';
import { quadrants } from './support/pictures.ts';
import { testUploads } from './support/uploads.ts';

const database = await testDatabase();
const { db } = database;
const { ctx } = await testUploads({ db });
const as = (actor: Actor): EntityContext => ({ ...ctx, actor, site: { ...ctx.site, unavailableTypes: [] } });
const owner = as({ id: 'ada', scopes: new Set(['media:read', 'media:write']) });
const others = [
  { id: '', scopes: new Set([]) },
  { id: 'eve', scopes: new Set(['media:read', 'media:write']) },
] satisfies Actor[];

const entity = { type: 'listing', id: '1' };
const query = { limit: 20, entity: 'listing/1' };
const picture = await quadrants().jpeg().toBuffer();

async function received(): Promise<{ jobId: string; id: string }> {
  const destination = { collection: 'listing.photos', entityType: entity.type, entityId: entity.id };
  const file = await receiveFile({ ...ctx, actor: owner.actor }, { destination, fileName: 'a.jpg', contentType: 'image/jpeg', body: Readable.from([picture]) });
  const { jobId, media } = await registerReceived({ ...ctx, actor: owner.actor }, file);
  return { jobId, id: media.id };
}

/** The provider's internals: its own words, and where objects are. */
const inside = /10\.1\.2\.3|ada-private-bucket|AccessDenied|srv|media\/ada/;
const providerSaid = () =>
  storageAway('The bucket "ada-private-bucket" at 10.1.2.3 refused media/ada/1/a.jpg (AccessDenied).', {
    cause: new Error('/srv/safelight/objects/media/ada/1/a.jpg'),
    context: { key: 'media/ada/1/a.jpg' },
    retryable: false,
  });

test('the owner sees a code and a sentence for a failure, with no internals, and nobody else sees anything', async () => {
  const { jobId, id } = await received();
  await testWorker(database, {
    handlers: {
      process: {
        run: async () => Promise.reject(providerSaid()),
        onFailed: async (tx, job, { error }) => {
          await failProcessing(tx, { assetId: job.assetId ?? '', jobId: job.id, attempts: 1, error });
        },
      },
    },
  });
  await jobInState(db, jobId, 'failed');

  const told = { code: 'storage_unavailable', message: expect.stringMatching(/^Storage .*\.$/), retryable: false };
  const failure = { stage: 'process', attempts: 1, ...told };
  const media = await readMedia(owner, { id });
  expect(media.failure).toEqual(failure);
  const listed = await listMedia(owner, query);
  expect(listed.media.map((item) => item.failure)).toEqual([failure]);
  const { tray } = await readEntityMedia(owner, entity);
  expect(tray.map((item) => item.failure)).toEqual([failure]);
  const job = await readJob(owner, jobId);
  expect(job.error).toEqual(told);
  const events = await db.selectFrom('event').select('payload').where('name', '=', 'processing_failed').execute();
  expect(events).toEqual([{ payload: expect.objectContaining({ error: told }) }]);
  const jobs = await listJobs(owner, { limit: 20 });
  const deleted = await deleteMedia(owner, { id });
  const shown = [media.failure, listed.media[0]?.failure, tray[0]?.failure, job, jobs, events, deleted, problemOf(providerSaid(), 'r')];
  // Its owner may delete it by its path.
  for (const view of shown) expect(JSON.stringify(view, (key, value: unknown) => (key === 'path' ? null : value))).not.toMatch(inside);
});

test('others see neither a failed record nor the past failures of a visible one', async () => {
  const { jobId, id } = await received();
  for (const actor of others) {
    await expect(readMedia(as(actor), { id })).rejects.toMatchObject({ code: 'not_found' });
    expect((await listMedia(as(actor), query)).media).toEqual([]);
    expect(await readEntityMedia(as(actor), entity)).toMatchObject({ media: [], tray: [] });
    await expect(readJob(as(actor), jobId)).rejects.toMatchObject({ code: 'not_found' });
  }
  const failure: Failure = { stage: 'review', code: 'unavailable', message: 'The reviewer cannot be reached.', retryable: true, attempts: 3 };
  await db
    .updateTable('asset')
    .set({ status: 'ready', failure: JSON.stringify(failure) })
    .where('id', '=', id)
    .execute();
  for (const actor of others) {
    const views = [await readMedia(as(actor), { id }), ...(await listMedia(as(actor), query)).media, ...(await readEntityMedia(as(actor), entity)).media];
    expect(views.map((media) => [media.id, media.failure])).toEqual([
      [id, null],
      [id, null],
      [id, null],
    ]);
  }
  expect((await readMedia(owner, { id })).failure).toEqual(failure);
});
