import { readFile } from 'node:fs/promises';

import sharp from 'sharp';
import { describe, expect, test } from 'vitest';

import { ask, into, newEntity, readyMedia, settled, target, upload } from './support/api.ts';
import { heic, iphonePhoto, phonePhoto, quadrantsJpeg, smallPicture, withoutCorpus } from './support/pictures.ts';

/** What the browser of a viewer gets. */
const bytesOf = async (src: string | null | undefined): Promise<Buffer> => {
  const answer = await ask('GET', src ?? '', { token: null });
  expect(answer.status).toBe(200);
  return answer.bytes;
};

const traces = async (bytes: Buffer): Promise<unknown> => {
  const { exif, xmp, iptc, icc, orientation } = await sharp(bytes).metadata();
  return { exif, xmp, iptc, icc, orientation, says: /Acme|Lovelace|Apple/.test(bytes.toString('latin1')) };
};
const noTraces = { exif: undefined, xmp: undefined, iptc: undefined, icc: undefined, orientation: undefined, says: false };

describe('a photo for a listing', () => {
  test('goes from the phone to a viewer as five upright WebP variants without a trace of its location', async () => {
    const entity = newEntity('listing');
    const accepted = await upload(into('listing.photos', entity), { bytes: await phonePhoto(2600, 1950), name: 'IMG_2042.jpg', type: 'image/jpeg' });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/v1/jobs/${accepted.body.jobId}`);
    expect(accepted.body.media).toMatchObject({
      status: 'pending',
      published: false,
      collection: 'listing.photos',
      entity: { type: 'listing', id: entity.entityId },
      kind: 'image',
      purpose: 'gallery',
      src: null,
      variants: {},
    });

    const media = await settled(accepted.body.media.id);
    expect(media).toMatchObject({
      status: 'ready',
      published: true,
      review: 'not_required',
      width: 1950,
      height: 2600,
      originalFileName: 'IMG_2042.jpg',
      mimeType: 'image/jpeg',
      failure: null,
    });
    expect(media.blurDataURL).toMatch(/^data:image\/webp;base64,/);

    const sides: Record<string, number> = {};
    for (const [role, variant] of Object.entries(media.variants)) {
      const bytes = await bytesOf(variant.src);
      const { format, width, height } = await sharp(bytes).metadata();
      expect({ role, format, width, height, bytes: bytes.length, type: variant.mimeType }).toEqual({
        role,
        format: 'webp',
        width: variant.width,
        height: variant.height,
        bytes: variant.byteSize,
        type: 'image/webp',
      });
      expect(await traces(bytes)).toEqual(noTraces);
      sides[role] = Math.max(width, height);
    }
    expect(sides).toEqual({ thumbnail: 160, card: 400, preview: 800, detail: 1280, detail_large: 2048 });
    expect(media.srcSet?.split(', ').map((entry) => entry.split(' ')[1])).toEqual(['120w', '300w', '600w', '960w', '1536w']);

    const gallery = await ask('GET', `/entities/${entity.path}/media`, { token: null });
    expect(gallery.body).toMatchObject({ media: [{ id: media.id }], tray: [], rules: { collection: 'listing.photos' } });
    expect((await ask('GET', `/jobs/${accepted.body.jobId}`)).body.job).toMatchObject({ state: 'complete', progress: 1, result: { media: { id: media.id } } });
  });

  test('taken by an iPhone keeps its HEIC source private', async () => {
    const fields = into('listing.photos');
    const media = await readyMedia(fields, await heic());
    expect(media).toMatchObject({ status: 'ready', mimeType: 'image/heic', width: 240, height: 160 });
    expect(Object.keys(media.variants).toSorted()).toEqual(['card', 'detail', 'detail_large', 'preview', 'thumbnail']);
    expect((await ask('GET', `//download/${media.id}`)).headers.get('content-disposition')).toContain('IMG_0001.HEIC');
    const forAnybody = await ask('GET', `//download/${media.id}`, { token: null });
    expect({ status: forAnybody.status, type: forAnybody.headers.get('content-type') }).toEqual({ status: 200, type: 'image/webp' });
  });

  test.skipIf(withoutCorpus !== null)(`as a real iPhone made it, 12 megapixels with GPS, is small, upright and clean (needs the corpus)`, async () => {
    const media = await readyMedia(into('listing.photos'), { bytes: await readFile(iphonePhoto), name: 'IMG_0001.HEIC', type: 'image/heic' });
    expect(Math.max(media.width ?? 0, media.height ?? 0)).toBe(4032);
    expect(await traces(await bytesOf(media.variants['detail_large']?.src))).toEqual(noTraces);
  });

  test('is never enlarged', async () => {
    const media = await readyMedia(into('listing.photos'), { bytes: await smallPicture('png', 300, 200), name: 'a.png', type: 'image/png' });
    expect(Object.fromEntries(Object.entries(media.variants).map(([role, { width }]) => [role, width]))).toEqual({
      thumbnail: 160,
      card: 300,
      preview: 300,
      detail: 300,
      detail_large: 300,
    });
  });

  test('becomes the same bytes at every upload', async () => {
    const file = { bytes: await quadrantsJpeg(), name: 'same.jpg', type: 'image/jpeg' };
    const etags = async (): Promise<(string | null)[]> => {
      const { variants } = await readyMedia(into('listing.photos'), file);
      return await Promise.all(['thumbnail', 'card', 'detail_large'].map(async (role) => (await ask('HEAD', variants[role]?.src ?? '')).headers.get('etag')));
    };
    expect(await etags()).toEqual(await etags());
  });

  test('is not confused with another of the same file name', async () => {
    const fields = into('listing.photos');
    const file = async () => ({ bytes: await smallPicture(), name: 'IMG_0001.jpg', type: 'image/jpeg' });
    const [one, two] = [await readyMedia(fields, await file()), await readyMedia(fields, await file())];
    expect([one.sortOrder, two.sortOrder]).toEqual([0, 1]);
    expect(await bytesOf(one.src)).not.toEqual(await bytesOf(two.src));
  });
});

describe('a picture for an artist', () => {
  test.each(['jpeg', 'png', 'webp'] as const)('is answered ready, in the format it came in: %s', async (format) => {
    const answer = await upload(into('artist.images'), { bytes: await smallPicture(format, 900, 600), name: `cover.${format}`, type: `image/${format}` });
    expect(answer.status).toBe(201);
    const { media } = answer.body;
    expect(answer.headers.get('location')).toBe(`/v1/media/${media.id}`);
    expect(media).toMatchObject({
      status: 'ready',
      published: true,
      width: 900,
      height: 600,
      src: media.variants.canonical.src,
      thumbnailSrc: media.variants.thumbnail.src,
    });
    expect(Object.keys(media.variants).toSorted()).toEqual(['canonical', 'thumbnail']);
    expect((await sharp(await bytesOf(media.src)).metadata()).format).toBe(format);
    expect(Math.max(...['width', 'height'].map((side) => media.variants.thumbnail[side]))).toBe(320);
  });

  test('keeps nothing of the original: neither its size, nor its location, nor the file', async () => {
    const answer = await upload(into('artist.images'), { bytes: await phonePhoto(3000, 600), name: 'wide.jpg', type: 'image/jpeg' });
    const { media } = answer.body;
    expect(media).toMatchObject({ width: 600, height: 3000, variants: { canonical: { width: 512, height: 2560 } } });
    expect(await traces(await bytesOf(media.src))).toEqual(noTraces);
    expect((await ask('GET', `//download/${media.id}`)).bytes).toEqual(await bytesOf(media.src));
  });

  test('becomes the profile image if its purpose says so, and hands that over to the next one', async () => {
    const entity = newEntity('artist');
    const choose = async () =>
      (await upload({ ...into('artist.images', entity), purpose: 'profile' }, { bytes: await smallPicture(), name: 'me.jpg', type: 'image/jpeg' })).body.media;
    const first = await choose();
    expect((await ask('GET', `/entities/${entity.path}/media`)).body.profileImageURL).toBe(first.src);
    const second = await choose();
    const after = (await ask('GET', `/entities/${entity.path}/media`)).body;
    expect(after.profileImageURL).toBe(second.src);
    expect(after.media.map(({ purpose }: { purpose: string }) => purpose)).toEqual(['gallery', 'profile']);
  });
});

describe('a picture for a user’s library', () => {
  test('is visible to anybody who has its URL, and listed for nobody else', async () => {
    const media = await readyMedia({ collection: 'user.library' }, { bytes: await smallPicture('gif'), name: 'a.gif', type: 'image/gif' });
    expect(media).toMatchObject({ entity: null, published: true, purpose: 'library' });
    expect(Object.keys(media.variants).toSorted()).toEqual(['preview', 'thumbnail']);
    await bytesOf(media.src);
    expect((await ask('GET', `/media/${media.id}`, { token: null })).status).toBe(404);
    expect((await ask('GET', `//view/${media.id}`, { token: null })).status).toBe(404);
    expect((await ask('GET', `//view/${media.id}`)).status).toBe(200);
  });
});

test('every URL that is given out begins with the address of a server', async () => {
  const { body } = await upload(into('artist.images'), { bytes: await smallPicture(), name: 'a.jpg', type: 'image/jpeg' });
  expect(target.urls).toContain(new URL(body.media.src).origin);
});
