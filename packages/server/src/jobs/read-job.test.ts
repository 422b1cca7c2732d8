import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { enqueueOne, testContext } from '../../test/support/jobs.ts';
import type { Actor } from '../lib/context.ts';
import { cancelJob } from './cancel-job.ts';
import { claimJobs, type ClaimedJob } from './claim-jobs.ts';
import { listJobs } from './list-jobs.ts';
import { completeJob, handBackJobs, pauseJob, retryJob } from './queue-rows.ts';
import { readJob } from './read-job.ts';

const { db } = await testDatabase();
const ada = testContext(db, { id: 'ada', scopes: new Set(['media:read', 'media:write']) } satisfies Actor);
const bob = testContext(db, { id: 'bob', scopes: new Set(['media:read', 'media:write']) } satisfies Actor);
const manager = testContext(db, { id: 'mia', scopes: new Set(['media:read', 'media:manage']) } satisfies Actor);
const page = { limit: 50 };

test('shows a job to its owner and to a manager', async () => {
  const assetId = '01890000-0000-7000-8000-000000000001';
  const id = await enqueueOne(db, { type: 'process', assetId });
  const shown = await readJob(ada, id);
  expect(shown).toEqual({
    id,
    type: 'process',
    state: 'queued',
    progress: null,
    message: null,
    attempts: 0,
    assetId,
    tries: [],
    createdAt: shown.createdAt,
    updatedAt: shown.updatedAt,
  });
  expect(new Date(shown.createdAt).toISOString()).toBe(shown.createdAt);
  expect(await readJob(manager, id)).toEqual(shown);
});

test('shows when each attempt began and how it ended', async () => {
  const id = await enqueueOne(db, { type: 'mirror' });
  const claim = async (): Promise<ClaimedJob> => {
    const [claimed] = await claimJobs(db, { lane: 'long', most: 1, afterOwner: '' });
    if (claimed?.id !== id) throw new Error('another job was claimed');
    return claimed;
  };
  const error = { code: 'storage_unavailable', message: 'The disk is away.', retryable: true } as const;
  await retryJob(db, await claim(), error, 0);
  expect((await readJob(ada, id)).tries).toMatchObject([{ startedAt: expect.any(String), endedAt: expect.any(String), error }]);
  // A job that was handed back has not begun.
  await handBackJobs(db, [await claim()]);
  expect((await readJob(ada, id)).tries).toHaveLength(1);
  // A pause is not an end.
  const paused = await claim();
  const { tries: begun } = await readJob(ada, id);
  expect(begun).toMatchObject([{ error }, { endedAt: null, error: null }]);
  await pauseJob(db, paused, 0, { progress: 0.5, message: null });
  const last = await claim();
  expect((await readJob(ada, id)).tries).toEqual(begun);
  await completeJob(db, last, undefined);
  const ended = await readJob(ada, id);
  expect(ended).toMatchObject({ state: 'complete', tries: [{ error }, { endedAt: ended.finishedAt, error: null }] });
});

test('keeps twenty attempts', async () => {
  const id = await enqueueOne(db, { type: 'mirror' });
  for (let n = 0; n < 23; n++) {
    const [claimed] = await claimJobs(db, { lane: 'long', most: 1, afterOwner: '' });
    if (claimed) await retryJob(db, claimed, { code: 'internal', message: `attempt ${n}`, retryable: true }, 0);
  }
  const { tries } = await readJob(ada, id);
  expect(tries).toHaveLength(20);
  expect(tries.at(-1)?.error?.message).toBe('attempt 22');
});

test('hides it from others, as if it did not exist, and lets them cancel nothing', async () => {
  const id = await enqueueOne(db, { type: 'process' });
  for (const asked of [id, 'no-id', '01890000-0000-7000-8000-00000000ffff']) {
    await expect(readJob(bob, asked)).rejects.toMatchObject({ code: 'not_found' });
    await expect(cancelJob(bob, asked)).rejects.toMatchObject({ code: 'not_found' });
  }
  expect(await readJob(ada, id)).toMatchObject({ state: 'queued' });
  expect(await cancelJob(manager, id)).toMatchObject({ state: 'cancelled' });
});

test('lets nobody cancel a purge, because the deleted asset would stay for good', async () => {
  const id = await enqueueOne(db, { type: 'purge' });
  for (const asking of [ada, manager]) await expect(cancelJob(asking, id)).rejects.toMatchObject({ code: 'conflict' });
  await expect(cancelJob(bob, id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await readJob(ada, id)).toMatchObject({ state: 'queued' });
});

test('lists the newest first, page by page, and only jobs that the caller may see', async () => {
  const assetId = '01890000-0000-7000-8000-00000000000d';
  const mine = [];
  for (let n = 0; n < 5; n++) mine.unshift(await enqueueOne(db, { type: 'review', ownerId: 'cleo', ...(n === 2 ? { assetId } : {}) }));
  // Jobs of one millisecond are ordered by their ids.
  const [, , ofAsset] = mine;
  mine.sort().reverse();
  await enqueueOne(db, { type: 'review', ownerId: 'bob' });
  const cleo = { ...ada, actor: { ...ada.actor, id: 'cleo' } };
  const first = await listJobs(cleo, { limit: 3 });
  expect(first.jobs.map(({ id }) => id)).toEqual(mine.slice(0, 3));
  const second = await listJobs(cleo, { limit: 3, cursor: first.nextCursor ?? '' });
  expect(second).toMatchObject({ nextCursor: null });
  expect(second.jobs.map(({ id }) => id)).toEqual(mine.slice(3));
  expect((await listJobs(cleo, { ...page, assetId })).jobs.map(({ id }) => id)).toEqual([ofAsset]);
  expect((await listJobs(cleo, { ...page, state: 'complete' })).jobs).toEqual([]);
  expect((await listJobs(cleo, { ...page, type: 'review', state: 'queued' })).jobs).toHaveLength(5);
  expect((await listJobs(manager, { ...page, type: 'review' })).jobs).toHaveLength(6);
});

test('refuses a cursor that no list has returned', async () => {
  await expect(listJobs(ada, { ...page, cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid_request', errors: [{ field: 'cursor' }] });
});
