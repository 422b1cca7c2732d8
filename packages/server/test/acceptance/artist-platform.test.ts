import type { Media } from '@safelight/contract/media';
import { expect, test } from 'vitest';

import { ask, endedJob, expectProblem, form, needsUsers, newEntity, newUser, settled } from './support/api.ts';
import { jpeg, smallPicture } from './support/pictures.ts';

/*
 * An artist's day. The profile lives in the application; its pictures live here. Every upload is answered with a record that can be shown
 * at once, and the edit form sends the whole gallery back as it was left, from two tabs.
 */

const idsOf = (media: Media[]): string[] => media.map(({ id }) => id);

test.skipIf(needsUsers !== null)(
  'an artist’s day: pictures attached, edited and synced from two tabs, and the profile changed',
  { timeout: 120_000 },
  async () => {
    const artist = newEntity('artist');
    const owner = await newUser();
    const asOwner = { token: owner.token };
    const fields = { collection: 'artist.images', entityType: 'artist', entityId: artist.entityId };
    const read = async (token: string | null = owner.token) => (await ask('GET', `/entities/${artist.path}/media`, { token })).body;
    const save = async (etag: string, items: unknown[]) =>
      await ask('PUT', `/entities/${artist.path}/media`, { ...asOwner, headers: { 'if-match': etag }, body: { items } });

    // A new artist has no pictures, and the form knows the rules before anything is chosen.
    expect(await read()).toMatchObject({
      media: [],
      tray: [],
      profileImageURL: null,
      rules: { collection: 'artist.images', ingest: 'inline', acceptedTypes: expect.arrayContaining(['image/png']) },
    });

    // Each picture is answered ready to be shown, in the format that it came in.
    const attached: Media[] = [];
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const answer = await ask('POST', '/media', {
        ...asOwner,
        body: form({ ...fields, altText: `a ${format}` }, { bytes: await smallPicture(format, 640, 480), name: `stage.${format}`, type: `image/${format}` }),
      });
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
      const { media } = answer.body;
      expect(media).toMatchObject({
        status: 'ready',
        published: true,
        mimeType: `image/${format}`,
        width: 640,
        height: 480,
        altText: `a ${format}`,
        blurDataURL: expect.stringMatching(/^data:image\/webp/),
      });
      expect(media.variants).toMatchObject({ canonical: { mimeType: `image/${format}` }, thumbnail: { width: 320 } });
      expect((await ask('GET', media.src, { token: null })).headers.get('content-type')).toBe(`image/${format}`);
      attached.push(media);
    }
    const [first = '', second = '', third = ''] = idsOf(attached);

    // Two tabs are open. One saves an order and a profile; the other, filled before, is told that it is too late, reads again and saves.
    const tabs = [await read(), await read()];
    const saved = await save(tabs[0].etag, [{ id: third }, { id: first, purpose: 'profile' }, { id: second }]);
    expect(saved.status, JSON.stringify(saved.body)).toBe(200);
    expect(saved.body.profileImageURL).toBe(attached[0]?.src);
    expectProblem(await save(tabs[1].etag, [{ id: second }]), 412, 'precondition_failed');
    const again = await read();
    expect(idsOf(again.media)).toEqual([third, first, second]);
    const edited = await save(again.etag, [{ id: third, altText: 'Soundcheck', purpose: 'profile' }, { id: second }, { id: first }]);
    expect(edited.body.media.map(({ purpose, altText }: Media) => ({ purpose, altText }))).toEqual([
      { purpose: 'profile', altText: 'Soundcheck' },
      { purpose: 'gallery', altText: 'a png' },
      { purpose: 'gallery', altText: 'a jpeg' },
    ]);
    expect(edited.body.profileImageURL).toBe(attached[2]?.src);

    // A picture is uploaded straight to storage and attached by the form that is saved last.
    const bytes = await smallPicture('png', 500, 400);
    const opened = (
      await ask('POST', '/media/upload/init', { ...asOwner, body: { ...fields, filename: 'encore.png', contentType: 'image/png', byteSize: bytes.length } })
    ).body;
    expect((await fetch(opened.uploadURL, { method: 'PUT', headers: opened.headers, body: new Uint8Array(bytes) })).ok).toBe(true);
    const withUpload = await save(edited.body.etag, [{ uploadId: opened.uploadId, altText: 'Encore' }, { id: third }, { id: second }]);
    expect(withUpload.status, JSON.stringify(withUpload.body)).toBe(200);
    const encore = [...withUpload.body.media, ...withUpload.body.tray].find(({ altText }: Media) => altText === 'Encore').id;
    await settled(encore, asOwner);
    const now = await read(null);
    expect(idsOf(now.media)).toEqual([encore, third, second]);
    expect(now.media.map(({ sortOrder }: Media) => sortOrder)).toEqual([0, 1, 2]);

    // What the form dropped is gone for everybody, and can be had back behind its neighbour.
    expect((await ask('GET', `/media/${first}`, { token: null })).status).toBe(404);
    await ask('POST', `/media/${first}/restore`, asOwner);
    expect(idsOf((await read(null)).media)).toEqual([encore, third, second, first]);

    // The profile picture is exchanged for a better one; its place and its words stay.
    const profile = (await read()).profileImageURL;
    const replaced = await ask('POST', `/media/${third}/replacement`, { ...asOwner, body: form({}, await jpeg()) });
    expect(replaced.body.media).toMatchObject({ replaces: third });
    await endedJob(replaced.body.jobId, asOwner);
    const last = await read(null);
    expect(idsOf(last.media)).toEqual([encore, replaced.body.media.id, second, first]);
    expect(last.media[1]).toMatchObject({ purpose: 'profile', altText: 'Soundcheck' });
    expect(last.profileImageURL).not.toBe(profile);

    // Nobody else edits this page.
    const stranger = await newUser();
    expectProblem(
      await ask('PUT', `/entities/${artist.path}/media`, { token: stranger.token, headers: { 'if-match': last.etag }, body: { items: [] } }),
      403,
      'forbidden',
    );
  },
);
