import { createHmac } from 'node:crypto';

import type { Media } from '@safelight/contract/media';
import { describe, expect, test } from 'vitest';

import { ask, endedJob, expectProblem, form, needsUsers, newEntity, newUser, settled, target, upload } from './support/api.ts';
import { jpeg } from './support/pictures.ts';
import type { ReviewRequest } from './support/reviewer-stub.ts';

const path = '/policies/test.reviewed';
type Policy = Record<string, unknown>;

async function setPolicy(change: Policy): Promise<void> {
  const { policy } = (await ask('GET', path)).body;
  const answer = await ask('PUT', path, { body: { ...policy, ...change } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
}
const newPlace = () => newEntity('reviewed');
async function photo(place = newPlace()): Promise<Media> {
  const answer = await upload({ collection: 'test.reviewed', entityType: 'reviewed', entityId: place.entityId }, await jpeg());
  return await settled(answer.body.media.id);
}
const read = async (place: { path: string }, token?: null) => (await ask('GET', `/entities/${place.path}/media`, token === null ? { token } : {})).body;
const decide = async (id: string, decision: 'approved' | 'rejected', asked: Parameters<typeof ask>[2] = {}) =>
  await ask('POST', `/media/${id}/review`, { ...asked, body: { decision, reason: `it was ${decision}` } });
const record = async (id: string): Promise<Media> => (await ask('GET', `/media/${id}`)).body.media;

/** What the application's review service was asked about a photo. */
async function askedAbout(id: string) {
  const asked = async (): Promise<ReviewRequest[]> => (await fetch(`${target.reviewer?.url}/${id}`)).json() as Promise<ReviewRequest[]>;
  await expect.poll(async () => (await asked()).length, { timeout: 20_000 }).toBe(1);
  const [request = { headers: {}, body: '{}' }] = await asked();
  // As Standard Webhooks says: the id, the time and the bytes, signed with the shared secret.
  const signed = [request.headers['webhook-id'], request.headers['webhook-timestamp'], request.body].join('.');
  const key = Buffer.from(target.reviewer?.secret.replace(/^whsec_/, '') ?? '', 'base64');
  const signature = createHmac('sha256', key).update(signed).digest('base64');
  expect(request.headers['webhook-signature']?.split(' ')).toContain(`v1,${signature}`);
  return JSON.parse(request.body) as { type: string; data: { mediaId: string; url: string; callbackUrl: string; entity: unknown } };
}
const callBack = async (url: string, decision: string) => await ask('POST', url, { token: null, body: { decision, reason: `the service ${decision} it` } });

// In order, because they change the same gate.
describe('the gate', () => {
  test('keeps a ready photo out of every read until a moderator approves it, and hides it at once when one rejects it', async () => {
    await setPolicy({ photoReviewEnabled: true, photoReviewProvider: 'manual' });
    const place = newPlace();
    const media = await photo(place);
    expect(media).toMatchObject({ status: 'ready', review: 'queued', published: false });
    expect((await read(place, null)).media).toEqual([]);
    expect(await read(place)).toMatchObject({ media: [], tray: [{ id: media.id }] });
    const token = new URL(media.src ?? '').pathname;
    expect((await ask('GET', `/${token}`, { token: null })).status).toBe(404);
    expect((await ask('GET', `//view/${media.id}`, { token: null })).status).toBe(404);

    const approved = await decide(media.id, 'approved');
    expect(approved.status, JSON.stringify(approved.body)).toBe(200);
    expect(approved.body.media).toMatchObject({ review: 'approved', published: true });
    expect((await read(place, null)).media).toMatchObject([{ id: media.id }]);
    expect((await ask('GET', approved.body.media.src, { token: null })).status).toBe(200);

    expect((await ask('GET', `/media/${media.id}`, { token: null })).body.media, 'what moderators say is for its owner').toMatchObject({ reviewReason: null });

    expect((await decide(media.id, 'rejected')).body.media).toMatchObject({ review: 'rejected', published: false });
    expect((await read(place)).tray).toMatchObject([{ id: media.id, review: 'rejected', reviewReason: 'it was rejected' }]);
    expect((await read(place, null)).media).toEqual([]);
    expect((await ask('GET', approved.body.media.src, { token: null })).status).toBe(404);
    await setPolicy({ photoReviewEnabled: false });
    expect((await read(place, null)).media, 'a rejection holds when the gate is opened').toEqual([]);
    expect((await ask('GET', `/media/${media.id}/reviews`)).body.attempts).toMatchObject([
      { outcome: 'rejected', reason: 'it was rejected', provider: 'manual' },
      { outcome: 'approved' },
    ]);
  });

  test('without a provider, each photo fails into the tray and can be retried, also after another provider was chosen', async () => {
    await setPolicy({ photoReviewEnabled: true, photoReviewProvider: 'disabled' });
    const place = newPlace();
    const media = await photo(place);
    await expect.poll(async () => (await record(media.id)).review, { timeout: 20_000 }).toBe('failed');
    expect(await record(media.id)).toMatchObject({
      status: 'ready',
      published: false,
      failure: { stage: 'review', code: 'review_provider_disabled', retryable: true, attempts: 1 },
    });
    expect((await read(place)).tray).toMatchObject([{ id: media.id }]);
    const retried = await ask('POST', `/media/${media.id}/retry`);
    expect(retried.status, JSON.stringify(retried.body)).toBe(202);
    expect(retried.body.media.review).toBe('queued');
    expect(await endedJob(retried.body.jobId)).toMatchObject({ state: 'failed', error: { code: 'review_provider_disabled' } });
    await setPolicy({ photoReviewProvider: 'manual' });
    expect(await record(media.id)).toMatchObject({ review: 'queued', failure: null });
    expect((await decide(media.id, 'approved')).body.media.published).toBe(true);
  });

  test('when it is turned on, existing photos are reviewed or pass, as the manager chooses; when it is turned off, waiting ones are shown', async () => {
    await setPolicy({ photoReviewEnabled: false });
    const place = newPlace();
    const media = await photo(place);
    expect(media).toMatchObject({ published: true, review: 'not_required' });
    await setPolicy({ photoReviewEnabled: true, photoReviewProvider: 'manual' });
    expect(await record(media.id)).toMatchObject({ published: false, review: 'queued' });
    expect((await ask('GET', media.src ?? '', { token: null })).status).toBe(404);
    await setPolicy({ photoReviewEnabled: false });
    expect(await record(media.id)).toMatchObject({ published: true, review: 'not_required' });
    await setPolicy({ photoReviewEnabled: true, reviewExisting: 'grandfather' });
    expect(await record(media.id)).toMatchObject({ published: true, review: 'approved' });
    expect((await ask('GET', `${path}/history?limit=1`)).body.changes).toMatchObject([{ reviewExisting: 'grandfather', changed: ['photoReviewEnabled'] }]);
  });

  test('holds a replacement back: the live photo stays until the new one is approved, and for good if it is rejected', async () => {
    await setPolicy({ photoReviewEnabled: true, photoReviewProvider: 'manual' });
    const place = newPlace();
    const live = await photo(place);
    await decide(live.id, 'approved');
    const replace = async (): Promise<string> => {
      const { jobId, media } = (await ask('POST', `/media/${live.id}/replacement`, { body: form({}, await jpeg()) })).body;
      await endedJob(jobId);
      return media.id;
    };
    const refused = await replace();
    expect(await read(place)).toMatchObject({ media: [{ id: live.id }], tray: [{ id: refused, replaces: live.id, review: 'queued' }] });
    await decide(refused, 'rejected');
    expect(await read(place)).toMatchObject({ media: [{ id: live.id }], tray: [{ id: refused, review: 'rejected' }] });
    const allowed = await replace();
    expect(await read(place)).toMatchObject({ media: [{ id: live.id }], tray: [{ id: allowed, replaces: live.id }] });
    expect((await decide(allowed, 'approved')).body.media).toMatchObject({ published: true, replaces: null });
    expect(await read(place)).toMatchObject({ media: [{ id: allowed }], tray: [] });
  });

  test.skipIf(target.reviewer === null)('is kept by a service of the application, whose decision comes later, needs no token, and holds once', async () => {
    await setPolicy({ photoReviewEnabled: true, photoReviewProvider: 'webhook' });
    const place = newPlace();
    const media = await photo(place);
    const { type, data } = await askedAbout(media.id);
    expect({ type, data }).toMatchObject({ type: 'review.requested', data: { mediaId: media.id, collection: 'test.reviewed', entity: media.entity } });
    expect((await ask('GET', data.url, { token: null })).headers.get('content-type'), 'the service may look at it').toBe('image/webp');
    expect(await record(media.id), 'a promise to call back approves nothing').toMatchObject({ review: 'queued', published: false });

    const forged = data.callbackUrl.replace(/signature=.*/, `signature=${'A'.repeat(43)}`);
    expectProblem(await callBack(forged, 'approved'), 403, 'forbidden');
    const another = await photo();
    expectProblem(await callBack(data.callbackUrl.replaceAll(media.id, another.id), 'approved'), 403, 'forbidden');
    expect((await callBack(data.callbackUrl, 'approved')).body.media).toMatchObject({ id: media.id, review: 'approved', published: true });
    expect((await read(place, null)).media).toMatchObject([{ id: media.id }]);
    expect((await callBack(data.callbackUrl, 'approved')).status, 'a decision that is sent again').toBe(200);
    expectProblem(await callBack(data.callbackUrl, 'rejected'), 409, 'conflict');
    expect((await ask('GET', `/media/${media.id}/reviews`)).body.attempts).toMatchObject([
      { outcome: 'approved', provider: 'webhook', reason: 'the service approved it' },
      { outcome: 'waiting', provider: 'webhook' },
    ]);

    // A moderator is faster; another photo is deleted while the service works.
    const overtaken = await askedAbout(another.id);
    await decide(another.id, 'rejected');
    expectProblem(await callBack(overtaken.data.callbackUrl, 'approved'), 409, 'conflict');
    const third = await photo();
    const late = await askedAbout(third.id);
    await ask('DELETE', `/media/${third.id}`);
    expectProblem(await callBack(late.data.callbackUrl, 'approved'), 410, 'gone');
  });

  test('a moderator can take back their own decision: the photo waits again, hidden, and is counted again', async () => {
    await setPolicy({ photoReviewEnabled: true, photoReviewProvider: 'manual' });
    const place = newPlace();
    const media = await photo(place);
    const total = async (): Promise<number> => (await ask('GET', '/review/queue?collection=test.reviewed&limit=1')).body.total;
    const before = await total();
    expect(before).toBeGreaterThan(0);
    const undo = async (headers = {}) => await ask('DELETE', `/media/${media.id}/review`, { headers });
    for (const decision of ['approved', 'rejected'] as const) {
      const decided = await decide(media.id, decision);
      expect(await total()).toBe(before - 1);
      expectProblem(await undo({ 'if-match': '"v0"' }), 412, 'precondition_failed');
      const { status, body } = await undo({ 'if-match': decided.headers.get('etag') });
      expect(status, JSON.stringify(body)).toBe(200);
      expect(body.media).toMatchObject({ review: 'queued', published: false, reviewReason: null });
      expect((await undo()).body.media, 'twice is the same as once').toMatchObject({ review: 'queued', version: body.media.version });
      expect(await total()).toBe(before);
      expect((await read(place, null)).media).toEqual([]);
    }
    expect((await ask('GET', `/media/${media.id}/reviews`)).body.attempts).toMatchObject([
      { outcome: 'waiting', reason: 'the decision “rejected” was taken back' },
      { outcome: 'rejected' },
      { outcome: 'waiting' },
      { outcome: 'approved' },
    ]);
    await decide(media.id, 'approved');
    await setPolicy({ photoReviewEnabled: false });
    expectProblem(await undo(), 409, 'conflict');
  });

  test.skipIf(needsUsers !== null)('is kept by moderators who never decide on the same photo', async () => {
    await setPolicy({ photoReviewEnabled: true, photoReviewProvider: 'manual' });
    const [one, two] = [await newUser({ scope: 'media:review' }), await newUser({ scope: 'media:review' })];
    const photos = await Promise.all(Array.from({ length: 6 }, async () => await photo()));
    const claim = async (user: { token: string }, limit: number) =>
      await ask('POST', '/review/queue/claim', { token: user.token, body: { collection: 'test.reviewed', limit } });
    const [first, second] = await Promise.all([claim(one, 3), claim(two, 3)]);
    const idsOf = (answer: { body: { media: Media[] } }): string[] => answer.body.media.map(({ id }) => id);
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(6);
    const [theirs = ''] = idsOf(first);
    expectProblem(await decide(theirs, 'approved', { token: two.token }), 409, 'conflict');
    expect((await ask('POST', '/review/queue/release', { token: one.token, body: { ids: [theirs] } })).body).toEqual({ released: 1 });
    const both = await Promise.all([decide(theirs, 'approved', { token: one.token }), decide(theirs, 'rejected', { token: two.token })]);
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 409]));
    const mine = idsOf(second);
    const bulk = await ask('POST', '/review/decisions', {
      token: two.token,
      body: { items: [...mine.map((id) => ({ id, decision: 'approved' })), { id: idsOf(first)[1], decision: 'rejected' }] },
    });
    expect(bulk.status, JSON.stringify(bulk.body)).toBe(207);
    expect(bulk.body.results.map(({ status }: { status: number }) => status)).toEqual([...mine.map(() => 200), 409]);
    const queue = (await ask('GET', '/review/queue?collection=test.reviewed', { token: one.token })).body.media;
    expect(queue.every(({ src, claim: by }: { src: string; claim: unknown }) => src.includes('signature=') && by !== undefined)).toBe(true);
    expect(queue.map(({ id }: Media) => id)).not.toContain(mine[0]);
    expect(photos.map(({ review }) => review)).toEqual(photos.map(() => 'queued'));
    expectProblem(await ask('POST', `/media/${theirs}/review`, { token: (await newUser()).token, body: { decision: 'approved' } }), 403, 'forbidden');
    expectProblem(
      await ask('POST', `/media/${theirs}/review?revision=${theirs}&signature=k1.zzzz.abc`, { token: null, body: { decision: 'approved' } }),
      403,
      'forbidden',
    );
  });
});
