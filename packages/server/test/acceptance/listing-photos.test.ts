import type { Media } from '@safelight/contract/media';
import { expect, test } from 'vitest';

import { ask, endedJob, expectProblem, form, needsUsers, newEntity, newUser, settled, upload, type User } from './support/api.ts';
import { follow, type Told } from './support/event-stream.ts';
import { heic, jpeg, phonePhoto, smallPicture } from './support/pictures.ts';

/*
 * A day of a seller. Photos come from a phone, a moderator is slow, and the manager changes the rules meanwhile. Everybody uses the API as their
 * applications would, in the order in which it happens.
 */

const policyPath = '/policies/story.photos';
const listing = newEntity('story');
const fields = { collection: 'story.photos', entityType: 'story', entityId: listing.entityId };

async function setPolicy(change: Record<string, unknown>): Promise<void> {
  const { body, headers } = await ask('GET', policyPath);
  const answer = await ask('PUT', policyPath, { headers: { 'if-match': headers.get('etag') ?? '' }, body: { ...body.policy, ...change } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
}
const gallery = async (token: string | null = null) => (await ask('GET', `/entities/${listing.path}/media`, { token })).body;
const idsOf = (media: Media[]): string[] => media.map(({ id }) => id);
/** What a page shows that only listens to events and never reads. */
function shownBy(events: readonly Told[]): string[] {
  const shown = new Set<string>();
  for (const { event, data } of events) {
    if (event === 'media_published' || event === 'media_replaced') shown.add(data.mediaId);
    if (event === 'media_unpublished') shown.delete(data.mediaId);
  }
  return [...shown].toSorted();
}
const decide = async (moderator: User, id: string, decision: string, reason?: string) =>
  await ask('POST', `/media/${id}/review`, { token: moderator.token, body: { decision, ...(reason === undefined ? {} : { reason }) } });

test.skipIf(needsUsers !== null)(
  'a seller’s day: twelve photos, two refused, one replaced while the moderator is slow, one deleted and brought back, and new rules meanwhile',
  { timeout: 120_000 },
  async () => {
    const seller = await newUser();
    const moderator = await newUser({ scope: 'media:review' });
    const asSeller = { token: seller.token };
    // The seller's second device shows only what the events say.
    const device = await follow(`?entity=${listing.path}`, { token: seller.token });
    await setPolicy({ photoReviewEnabled: true, photoReviewProvider: 'manual', minWidth: 200, undoWindowSeconds: 600 });

    // Twelve photos at once: one is too small, one is no picture. The other ten are taken.
    const small = { bytes: await smallPicture('jpeg', 120, 90), name: 'thumb.jpg', type: 'image/jpeg' };
    const page = { bytes: '<html><script>alert(1)</script></html>', name: 'photo.jpg', type: 'image/jpeg' };
    const good = [
      { bytes: await phonePhoto(1200, 900), name: 'IMG_0001.jpg', type: 'image/jpeg' },
      await heic(),
      ...(await Promise.all(Array.from({ length: 8 }, jpeg))),
    ];
    const batch = await ask('POST', '/media', { ...asSeller, body: form(fields, ...good.slice(0, 5), page, ...good.slice(5), small) });
    expect(batch.status).toBe(207);
    const statuses: number[] = batch.body.results.map(({ status }: { status: number }) => status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(11);
    expect(batch.body.results[5]).toMatchObject({
      status: expect.toBeOneOf([415, 422]),
      problem: { code: expect.toBeOneOf(['unsupported_type', 'type_mismatch']) },
    });
    const uploaded: Media[] = [];
    for (const { media } of batch.body.results) if (media !== undefined) uploaded.push(await settled(media.id, asSeller));
    expect(uploaded.at(-1)).toMatchObject({ status: 'failed', failure: { code: 'too_small', retryable: false } });
    const photos = uploaded.filter(({ status }) => status === 'ready');
    expect(photos.map(({ review, published }) => ({ review, published }))).toEqual(photos.map(() => ({ review: 'queued', published: false })));

    // The phone's own picture has five variants that every browser shows; the source itself stays private.
    const fromPhone = photos.find(({ originalFileName }) => originalFileName?.endsWith('.HEIC'));
    expect(Object.keys(fromPhone?.variants ?? {}).toSorted()).toEqual(['card', 'detail', 'detail_large', 'preview', 'thumbnail']);
    expect(new Set(Object.values(fromPhone?.variants ?? {}).map(({ mimeType }) => mimeType))).toEqual(new Set(['image/webp']));

    // Nobody else sees anything yet; the seller sees everything in the tray, and removes the one that failed.
    expect((await gallery()).media).toEqual([]);
    const tray = (await gallery(seller.token)).tray;
    expect(tray).toHaveLength(11);
    await ask('DELETE', `/media/${uploaded.at(-1)?.id}`, asSeller);

    // The moderator takes eight of them, approves seven and rejects one, with a reason for the seller.
    const claimed: Media[] = (await ask('POST', '/review/queue/claim', { token: moderator.token, body: { collection: 'story.photos', limit: 8 } })).body.media;
    expect(idsOf(claimed)).toEqual(idsOf(photos).slice(0, 8));
    const [rejected = claimed[0], ...allowed] = claimed;
    const bulk = await ask('POST', '/review/decisions', {
      token: moderator.token,
      body: {
        items: [
          { id: rejected?.id, decision: 'rejected', reason: 'A telephone number is in the picture.' },
          ...allowed.map(({ id }) => ({ id, decision: 'approved' })),
        ],
      },
    });
    expect(bulk.body.results.map(({ status }: { status: number }) => status)).toEqual(claimed.map(() => 200));
    let shown = await gallery();
    expect(idsOf(shown.media)).toEqual(idsOf(allowed));
    expect(shown.tray).toEqual([]);

    // The seller moves the best one first, makes it the cover, describes it, and drops the rejected one.
    const mine = await gallery(seller.token);
    expect(mine.tray).toContainEqual(expect.objectContaining({ id: rejected?.id, reviewReason: 'A telephone number is in the picture.' }));
    const best = allowed[3]?.id;
    const others = [...idsOf(mine.media).filter((id) => id !== best), ...idsOf(mine.tray).filter((id) => id !== rejected?.id)];
    const synced = await ask('PUT', `/entities/${listing.path}/media`, {
      ...asSeller,
      headers: { 'if-match': mine.etag },
      body: { items: [{ id: best, purpose: 'profile', altText: 'The lamp, lit' }, ...others.map((id) => ({ id }))] },
    });
    expect(synced.status, JSON.stringify(synced.body)).toBe(200);
    expect(synced.body.media[0]).toMatchObject({ id: best, altText: 'The lamp, lit', purpose: 'profile' });
    expect(synced.body.profileImageURL).toBe(synced.body.media[0].src);

    // A sharper photo of the lamp: until the moderator decides, the old one stays, also as the cover.
    const replaced = await ask('POST', `/media/${best}/replacement`, { ...asSeller, body: form({}, await jpeg()) });
    expect(replaced.status, JSON.stringify(replaced.body)).toBe(202);
    const sharper = replaced.body.media.id;
    await endedJob(replaced.body.jobId, asSeller);
    shown = await gallery();
    expect(shown.media[0].id).toBe(best);
    expect(shown.profileImageURL).toBe(shown.media[0].src);
    expect((await gallery(seller.token)).tray).toContainEqual(expect.objectContaining({ id: sharper, replaces: best, review: 'queued' }));

    // One photo too many is deleted, and restored where it was.
    const before = idsOf((await gallery()).media);
    const second = before[1] ?? '';
    const deleted = await ask('DELETE', `/media/${second}`, asSeller);
    expect(deleted.body.undoUntil > new Date().toISOString()).toBe(true);
    expect(idsOf((await gallery()).media)).toEqual(before.filter((id) => id !== second));
    expect((await ask('POST', `/media/${second}/restore`, asSeller)).status).toBe(200);
    expect(idsOf((await gallery()).media)).toEqual(before);

    // The moderator is back: the sharper photo takes the place, and the old one can no longer be seen.
    const oldSource = shown.media[0].src;
    expect((await decide(moderator, sharper, 'approved')).body.media).toMatchObject({
      published: true,
      replaces: null,
      purpose: 'profile',
      altText: 'The lamp, lit',
      sortOrder: 0,
    });
    shown = await gallery();
    expect(idsOf(shown.media)).toEqual([sharper, ...before.slice(1)]);
    expect(shown.profileImageURL).toBe(shown.media[0].src);
    expect((await ask('GET', oldSource, { token: null })).status).toBe(404);

    // The manager opens the gate, and waiting photos are shown. Fewer photos are allowed from now on.
    await setPolicy({ photoReviewEnabled: false, maxItems: 10 });
    shown = await gallery();
    expect(idsOf(shown.media)).toHaveLength(9);
    expect(idsOf(shown.media)).not.toContain(rejected?.id);
    expect(shown.rules).toMatchObject({ maxItems: 10, photoReviewEnabled: false });
    expect((await upload(fields, await jpeg(), asSeller)).status).toBe(202);
    expectProblem(await upload(fields, await jpeg(), asSeller), 409, 'collection_full');
    expect((await ask('GET', `${policyPath}/history?limit=1`)).body.changes[0].changed.toSorted()).toEqual(['maxItems', 'photoReviewEnabled']);

    // At the end of the day the page that reads and the page that listens show the same.
    const shownNow = async () => idsOf((await gallery()).media).toSorted();
    await expect.poll(async () => (await shownNow()).length, { timeout: 20_000 }).toBe(10);
    const atLast = await shownNow();
    await expect.poll(() => shownBy(device.got), { timeout: 20_000 }).toEqual(atLast);
    device.stop();
  },
);
