import type { Media } from '@safelight/contract/media';
import { expect, test } from 'vitest';

import { ask, endedJob, expectProblem, form, needsUsers, newEntity, newUser, settled, target } from './support/api.ts';
import { needsOperator, operate } from './support/operate.ts';
import { jpeg, smallPicture } from './support/pictures.ts';

/*
 * A day of an artist. The profile is in the application, its pictures are here. The artist is created with a first picture by one JSON request; each
 * further upload is answered with a record that can be shown at once; the edit form sends the whole gallery back, from two tabs. At night the
 * operator moves to another store, and no visitor notices.
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

    // The artist is created with a picture that the browser has already uploaded: the JSON is the one that the form sends later.
    const putPicture = async (name: string): Promise<string> => {
      const bytes = await smallPicture('png', 500, 400);
      const declared = { filename: name, contentType: 'image/png', byteSize: bytes.length };
      const opened = (await ask('POST', '/media/upload/init', { ...asOwner, body: { ...fields, ...declared } })).body;
      expect((await fetch(opened.uploadURL, { method: 'PUT', headers: opened.headers, body: new Uint8Array(bytes) })).ok).toBe(true);
      return opened.uploadId;
    };
    const created = await save((await read()).etag, [{ uploadId: await putPicture('debut.png'), purpose: 'profile', altText: 'Debut' }]);
    expect(created.status, JSON.stringify(created.body)).toBe(200);
    const debut = [...created.body.media, ...created.body.tray][0].id;
    await settled(debut, asOwner);
    expect(await read(null)).toMatchObject({ media: [{ id: debut, altText: 'Debut', purpose: 'profile' }], tray: [] });

    // The answer to each further picture can be shown at once, in the format of the upload.
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
    expect(idsOf((await read(null)).media)).toEqual([debut, first, second, third]);

    // Two tabs are open. One saves an order and another profile picture, without the first one; the other, which was filled before, is refused, reads
    // again and saves.
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

    // A picture is uploaded straight to storage, and the form that is saved last attaches it.
    const withUpload = await save(edited.body.etag, [{ uploadId: await putPicture('encore.png'), altText: 'Encore' }, { id: third }, { id: second }]);
    expect(withUpload.status, JSON.stringify(withUpload.body)).toBe(200);
    const encore = [...withUpload.body.media, ...withUpload.body.tray].find(({ altText }: Media) => altText === 'Encore').id;
    await settled(encore, asOwner);
    const now = await read(null);
    expect(idsOf(now.media)).toEqual([encore, third, second]);
    expect(now.media.map(({ sortOrder }: Media) => sortOrder)).toEqual([0, 1, 2]);

    // What the form removed is gone for everybody, and can be restored behind its neighbour.
    expect((await ask('GET', `/media/${first}`, { token: null })).status).toBe(404);
    await ask('POST', `/media/${first}/restore`, asOwner);
    expect(idsOf((await read(null)).media)).toEqual([encore, third, second, first]);

    // The profile picture is replaced by a better one, which keeps its place and its alt text.
    const profile = (await read()).profileImageURL;
    const replaced = await ask('POST', `/media/${third}/replacement`, { ...asOwner, body: form({}, await jpeg()) });
    expect(replaced.body.media).toMatchObject({ replaces: third });
    await endedJob(replaced.body.jobId, asOwner);
    const last = await read(null);
    expect(idsOf(last.media)).toEqual([encore, replaced.body.media.id, second, first]);
    expect(last.media[1]).toMatchObject({ purpose: 'profile', altText: 'Soundcheck' });
    expect(last.profileImageURL).not.toBe(profile);

    // Nobody else may edit this page.
    const stranger = await newUser();
    expectProblem(
      await ask('PUT', `/entities/${artist.path}/media`, { token: stranger.token, headers: { 'if-match': last.etag }, body: { items: [] } }),
      403,
      'forbidden',
    );
  },
);

test.skipIf(needsOperator !== null)(
  `an artist’s night: the operator moves every picture from ${target.operator?.from} to ${target.operator?.to} while visitors look on`,
  { timeout: 300_000 },
  async () => {
    const artist = newEntity('artist');
    const fields = { collection: 'artist.images', entityType: 'artist', entityId: artist.entityId };
    const attach = async (): Promise<Media> => (await ask('POST', '/media', { body: form(fields, await jpeg()) })).body.media;
    const page = async (): Promise<Media[]> => (await ask('GET', `/entities/${artist.path}/media`, { token: null })).body.media;
    const look = async (src: string) => {
      const { status, headers, bytes } = await ask('GET', src, { token: null });
      return { status, etag: headers.get('etag'), type: headers.get('content-type'), bytes };
    };
    for (let n = 0; n < 3; n++) await attach();
    const sources = (await page()).flatMap(({ variants }) => Object.values(variants).map(({ src }) => src));
    const before = new Map(await Promise.all(sources.map(async (src) => [src, await look(src)] as const)));
    expect([...before.values()].map(({ status }) => status)).toEqual(sources.map(() => 200));

    // Visitors keep reading while the artist works.
    const moved = new AbortController();
    let looks = 0;
    const visitor = async (): Promise<void> => {
      while (!moved.signal.aborted) {
        for (const src of sources) {
          expect(await look(src), src).toEqual(before.get(src));
          looks += 1;
        }
      }
    };
    const visitors = Promise.all([visitor(), visitor()]);
    // Awaited below; until then a failed read must not count as an unhandled rejection.
    visitors.catch(() => undefined);
    const { from = '', to = '' } = target.operator ?? {};
    const moving = operate('storage', 'migrate', '--from', from, '--to', to);
    const late = await attach();
    const migration = await moving.finally(() => moved.abort());
    await visitors;
    expect(migration).toMatchObject({ failed: 0 });
    expect(migration['moved'], 'all of them, and those of everybody else').toBeGreaterThanOrEqual(sources.length);
    expect(looks).toBeGreaterThan(0);

    // The same URLs show the same bytes, and the page is edited as before.
    for (const src of sources) expect(await look(src)).toEqual(before.get(src));
    const shown = await page();
    expect(shown.map(({ id }) => id)).toContain(late.id);
    const [first] = shown;
    const replaced = await ask('POST', `/media/${first?.id}/replacement`, { body: form({}, await jpeg()) });
    await endedJob(replaced.body.jobId);
    expect((await page())[0]).toMatchObject({ id: replaced.body.media.id, published: true });
    expect((await look(first?.src ?? '')).status).toBe(404);
    const { discrepancies } = (await ask('POST', '/admin/discrepancies', { body: { prefix: `media/${late.ownerId}/${late.id}` } })).body;
    expect(discrepancies).toEqual([]);
  },
);
