import { describe, expect, test } from 'vitest';

import type { Media } from '@safelight/contract/media';

import { ask, into, needsUsers, newEntity, newUser, readyMedia } from './support/api.ts';
import { jpeg, smallPicture } from './support/pictures.ts';

const ids = (media: readonly { id: string }[]): string[] => media.map(({ id }) => id);

describe.skipIf(needsUsers !== null)(`the library (${needsUsers ?? 'of a user of its own'})`, () => {
  test('begins with the newest, in pages that neither repeat nor omit anything, even while it grows', async () => {
    const user = await newUser();
    const made: Media[] = [];
    for (let i = 0; i < 7; i++) made.unshift(await readyMedia({ collection: 'user.library' }, await jpeg(), user));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await ask('GET', `/media?limit=3${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, user);
      expect(body.media.length).toBeLessThanOrEqual(3);
      seen.push(...ids(body.media));
      cursor = body.nextCursor;
      if (seen.length === 3) await readyMedia({ collection: 'user.library' }, await jpeg(), user);
    } while (cursor !== null);
    expect(seen).toEqual(ids(made));
    expect((await ask('GET', '/media?limit=8', user)).body.nextCursor).toBeNull();
  });

  test('can be filtered by collection, entity, kind, purpose, status, and by all at once', async () => {
    const user = await newUser();
    const artist = newEntity('artist');
    const gallery = await readyMedia(into('artist.images', artist), await jpeg(), user);
    const profile = await readyMedia({ ...into('artist.images', artist), purpose: 'profile' }, await jpeg(), user);
    const photo = await readyMedia(into('listing.photos'), await jpeg(), user);
    const list = async (query: string): Promise<string[]> => ids((await ask('GET', `/media?${query}`, user)).body.media);
    expect(await list('')).toEqual(ids([photo, profile, gallery]));
    expect(await list('collection=artist.images')).toEqual(ids([profile, gallery]));
    expect(await list(`entity=${artist.path}`)).toEqual(ids([profile, gallery]));
    expect(await list('purpose=profile')).toEqual(ids([profile]));
    expect(await list('kind=image&status=ready')).toEqual(ids([photo, profile, gallery]));
    expect(await list('kind=video')).toEqual([]);
    expect(await list('status=failed')).toEqual([]);
    expect(await list(`collection=artist.images&entity=${artist.path}&purpose=gallery&status=ready&kind=image`)).toEqual(ids([gallery]));
  });

  test('can be filtered by a path prefix, which ends at a slash', async () => {
    const user = await newUser({ sub: `images-${Math.random().toString(36).slice(2)}` });
    const neighbour = await newUser({ sub: `${user.id}2` });
    const mine = await readyMedia({ collection: 'user.library' }, await jpeg(), user);
    const theirs = await readyMedia({ collection: 'user.library' }, await jpeg(), neighbour);
    const list = async (prefix: string): Promise<string[]> =>
      ids((await ask('GET', `/media?collection=user.library&prefix=${encodeURIComponent(prefix)}`)).body.media);
    expect(await list(`media/${user.id}`)).toEqual([mine.id]);
    expect(await list(`media/${user.id}/`)).toEqual([mine.id]);
    expect(await list(`media/${neighbour.id}`)).toEqual([theirs.id]);
    expect(await list(`media/${user.id}/${mine.id}`)).toEqual([mine.id]);
    expect(await list(`media/${user.id}/${mine.id.slice(0, -1)}`)).toEqual([]);
    expect(await list('media/%')).toEqual([]);
    expect(await list('media/images_')).toEqual([]);
  });

  test('never mixes collections with entities into the others', async () => {
    const manager = await newUser({ scope: 'media:manage' });
    const brand = newEntity('brand');
    const { id } = await readyMedia(
      { collection: 'brand.assets', entityType: 'brand', entityId: brand.entityId },
      { bytes: await smallPicture('png'), name: 'logo.png', type: 'image/png' },
      manager,
    );
    expect(ids((await ask('GET', `/media?entity=${brand.path}`, manager)).body.media)).toEqual([]);
    expect(ids((await ask('GET', `/media?entity=${brand.path}&collection=brand.assets`, manager)).body.media)).toEqual([id]);
  });
});

describe('the media of an entity', () => {
  test('has an ETag that changes with what is shown', async () => {
    const entity = newEntity('artist');
    const read = (headers: Record<string, string> = {}) => ask('GET', `/entities/${entity.path}/media`, { headers });
    const empty = await read();
    expect(empty.body).toMatchObject({ media: [], tray: [], profileImageURL: null, etag: empty.headers.get('etag') });
    expect((await read({ 'if-none-match': empty.body.etag })).status).toBe(304);
    await readyMedia(into('artist.images', entity), await jpeg());
    const one = await read({ 'if-none-match': empty.body.etag });
    expect(one.status).toBe(200);
    expect(one.body.etag).not.toBe(empty.body.etag);
  });

  test('accepts an id with characters that URLs reserve', async () => {
    const entityId = 'a/b ?#ü%2f';
    await readyMedia({ collection: 'artist.images', entityType: 'artist', entityId }, await jpeg());
    expect((await ask('GET', `/entities/artist/${encodeURIComponent(entityId)}/media`)).body.media.length).toBeGreaterThan(0);
    expect((await ask('GET', `/media?entity=${encodeURIComponent(`artist/${entityId}`)}`)).body.media.length).toBeGreaterThan(0);
  });
});

describe('the upload rules', () => {
  test('are public, in the shape that a form needs, with an ETag', async () => {
    const all = await ask('GET', '/meta/media-rules', { token: null });
    expect(all.body.rules.map(({ collection }: { collection: string }) => collection)).toEqual(
      expect.arrayContaining(['artist.images', 'listing.photos', 'user.library', 'product.files', 'brand.assets', 'artist.media']),
    );
    const one = await ask('GET', '/meta/media-rules?collection=listing.photos', { token: null });
    expect(one.body.rules).toMatchObject({
      collection: 'listing.photos',
      batchSize: 20,
      maxBytes: 26_214_400,
      acceptedTypes: expect.arrayContaining(['image/heic', 'image/jpeg']),
      ingest: 'queued',
      entityType: 'listing',
    });
    expect(one.headers.get('cache-control')).toMatch(/public/);
    const etag = one.headers.get('etag') ?? '';
    const again = await ask('GET', '/meta/media-rules?collection=listing.photos', { token: null, headers: { 'if-none-match': etag } });
    expect({ status: again.status, etag: again.headers.get('etag') }).toEqual({ status: 304, etag });
    expect((await ask('GET', '/meta/media-rules', { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test('are a full policy for a manager', async () => {
    const { status, body, headers } = await ask('GET', '/policies/listing.photos');
    expect({ status, etag: headers.get('etag') }).toEqual({ status: 200, etag: expect.stringMatching(/^".+"$/) });
    expect(body.policy).toMatchObject({
      collection: 'listing.photos',
      photoReviewProvider: 'disabled',
      version: expect.any(Number),
      updatedAt: expect.any(String),
    });
  });
});
