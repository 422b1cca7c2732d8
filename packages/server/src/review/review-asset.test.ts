import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { setTimeout as delay } from 'node:timers/promises';

import { sql } from '#kysely';
import { expect, onTestFinished, test } from 'vitest';

import { deleteMedia } from '../collections/delete-media.ts';
import { purgeCdn } from '../delivery/purge-cdn.ts';
import { SafelightError } from '../lib/errors.ts';
import { testDatabase } from '../../test/support/database.ts';
import { jobInState, testWorker } from '../../test/support/jobs.ts';
import { openWorld, type World } from '../../test/support/lifecycle.ts';
import { endReview } from './fail-review.ts';
import { listReviewAttempts } from './list-queue.ts';
import { retryReview } from './retry-review.ts';
import { reviewAsset, type ReviewContext } from './review-asset.ts';
import type { Reviewer, Verdict } from './reviewer.ts';
import { unclear } from './unclear.ts';

const database = await testDatabase({ max: 10 });
const { db } = database;

const verdict = (outcome: Verdict['outcome'], more: Partial<Verdict> = {}): Verdict => ({
  outcome,
  model: 'judge-1',
  categories: [],
  scores: {},
  reason: null,
  costUnits: 2,
  ...more,
});

/** A world behind a closed gate with the given `webhook` reviewer, and a worker for its reviews. */
async function gated(reviewer: Reviewer, options: { reviewTimeoutMs?: number } = {}): Promise<World> {
  const world = await openWorld(db);
  const ctx: ReviewContext = {
    ...(world.ctx as unknown as ReviewContext),
    site: {
      ...(world.ctx as unknown as ReviewContext).site,
      reviewers: { webhook: reviewer },
      reviewTimeoutMs: options.reviewTimeoutMs ?? 20_000,
      reviewCallbackURL: (mediaId, revision) => `https://safelight.example/${mediaId}/${revision}`,
    },
  };
  await testWorker(database, {
    notifications: false,
    lanes: { review: 4 },
    handlers: {
      review: {
        run: async (job) =>
          await reviewAsset({ ...job, site: ctx.site }, { assetId: String(job.job.data['assetId']), unanswered: job.job.data['unanswered'] === true }),
        onFailed: async (tx, job, { error }) => await endReview(ctx, tx, { assetId: String(job.data['assetId']), jobId: job.id, attempts: 1, error }),
      },
    },
  });
  await world.setPolicy({ photoReviewEnabled: true, photoReviewProvider: 'webhook' });
  return world;
}

async function photo(world: World): Promise<string> {
  const id = await world.add('thing');
  const store = world.ctx.site.stores.active('final');
  await store.put(`media/${id}/preview.webp`, Buffer.from(`picture of ${id}`), { contentType: 'image/webp', signal: AbortSignal.timeout(5_000) });
  await world.ready(id);
  return id;
}

const rowOf = async (id: string) => await db.selectFrom('asset').select(['review', 'failure', 'review_reason']).where('id', '=', id).executeTakeFirstOrThrow();
const reviewed = async (id: string, review: string) => await expect.poll(async () => (await rowOf(id)).review, { timeout: 20_000, interval: 20 }).toBe(review);
const jobOf = async (id: string) =>
  await db.selectFrom('job').selectAll().where('asset_id', '=', id).where('type', '=', 'review').orderBy('id', 'desc').executeTakeFirstOrThrow();

test('a clear answer decides, and is recorded with everything in it', async () => {
  const seen: string[] = [];
  const world = await gated(async ({ picture, mediaId }) => {
    seen.push(picture.bytes.toString());
    return verdict('rejected', { categories: ['spam'], scores: { spam: 0.9 }, reason: `${mediaId} is an advertisement.` });
  });
  const id = await photo(world);
  await reviewed(id, 'rejected');
  expect(seen).toEqual([`picture of ${id}`]);
  expect((await rowOf(id)).review_reason).toContain('advertisement');
  const { attempts } = await listReviewAttempts(world.ctx, { id });
  expect(attempts).toMatchObject([
    {
      provider: 'webhook',
      model: 'judge-1',
      outcome: 'rejected',
      categories: ['spam'],
      scores: { spam: 0.9 },
      costUnits: 2,
      latencyMs: expect.any(Number),
      decidedBy: null,
    },
  ]);
  expect((await jobInState(db, (await jobOf(id)).id, 'complete')).result).toEqual({ outcome: 'rejected' });
});

test('without a clear answer the photo can be retried, and a retry asks again at once', async () => {
  let isAway = true;
  const world = await gated(async () => {
    if (isAway) throw unclear('answered 503');
    return verdict('approved');
  });
  const id = await photo(world);
  await reviewed(id, 'failed');
  expect((await rowOf(id)).failure).toMatchObject({
    stage: 'review',
    code: 'unavailable',
    retryable: true,
    attempts: 1,
    message: expect.stringContaining('503'),
  });
  isAway = false;
  const retried = await retryReview(world.ctx, { id });
  expect(retried?.media.review).toBe('queued');
  await reviewed(id, 'approved');
  expect((await rowOf(id)).failure).toBeNull();
});

test('a reviewer that is too slow never approves', async () => {
  const slow = await gated(async (_request, { signal }) => await delay(60_000, verdict('approved'), { signal }), {
    reviewTimeoutMs: 50,
  });
  const late = await photo(slow);
  await reviewed(late, 'failed');
  expect((await rowOf(late)).failure?.message).toContain('0.05 seconds');
});

test('a reviewer that fails, or is not configured, never approves; another one is asked as soon as it is chosen', async () => {
  const broken = await gated(async () => {
    throw new TypeError('cannot read properties of undefined');
  });
  const odd = await photo(broken);
  await reviewed(odd, 'failed');
  expect((await rowOf(odd)).failure).toMatchObject({ code: 'unavailable', retryable: true });

  await broken.setPolicy({ photoReviewProvider: 'openai' });
  await expect.poll(async () => (await rowOf(odd)).failure?.code, { timeout: 20_000 }).toBe('review_provider_disabled');
});

test('a late answer does not affect a photo that a moderator has reviewed or that was deleted', async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Verdict>();
  const world = await gated(async () => {
    asked.resolve();
    return await answer.promise;
  });
  const id = await photo(world);
  await asked.promise;
  await world.decide(id, 'rejected');
  answer.resolve(verdict('approved'));
  await jobInState(db, (await jobOf(id)).id, 'complete');
  expect((await rowOf(id)).review).toBe('rejected');

  const deleted = await world.add('thing');
  await deleteMedia(world.ctx, { id: deleted });
  await world.ready(deleted);
  expect(await db.selectFrom('job').select('id').where('asset_id', '=', deleted).where('type', '=', 'review').execute()).toEqual([]);
});

test('a reviewer that promises to call back is waited for, and asked again if it does not', async () => {
  const world = await gated(async () => verdict('waiting'));
  const id = await photo(world);
  await expect.poll(async () => (await listReviewAttempts(world.ctx, { id })).attempts.map(({ outcome }) => outcome), { timeout: 20_000 }).toEqual(['waiting']);
  expect((await rowOf(id)).review).toBe('queued');
  const again = await jobOf(id);
  expect(again.state).toBe('queued');
  await world.decide(id, 'approved');
  expect((await rowOf(id)).review).toBe('approved');
});

test('a CDN is asked to purge rejected media, and asked again until it has', async () => {
  const world = await openWorld(db);
  const told: string[] = [];
  let status = 500;
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => told.push(chunk.toString())).on('end', () => response.writeHead(status).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const cdn = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, headers: {} };
  await expect(purgeCdn(cdn, ['a'], AbortSignal.timeout(5_000))).rejects.toBeInstanceOf(SafelightError);
  status = 200;
  await purgeCdn(cdn, ['https://media.example/a'], AbortSignal.timeout(5_000));
  expect(JSON.parse(told.at(-1) ?? '')).toEqual({ urls: ['https://media.example/a'] });

  Object.assign(world.ctx.site, { purgesCdn: true });
  const id = await world.add('thing');
  await world.ready(id);
  await world.decide(id, 'rejected');
  const { rows } = await sql`select data from job where owner_id = ${world.ctx.actor.id} and type = 'purge.cdn'`.execute(db);
  expect(rows).toMatchObject([{ data: { urls: [expect.stringMatching(/^\/media\/.+/)] } }]);
});
