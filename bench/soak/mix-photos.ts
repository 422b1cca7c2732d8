import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type JpegOptions, type Sharp } from 'sharp';

import { photoLike } from '../../packages/server/test/support/pictures.ts';

export type MixedPhoto = { name: string; type: string; bytes: Buffer; expected: 'ready' | 'failed' | 'refused' };

const fixtures = path.resolve(import.meta.dirname, '../../packages/server/test/fixtures/images');

/** The mix of a block: pictures of phones, cameras, editors and screenshots, and occasionally a broken file. */
const kinds: readonly { share: number; make: () => Promise<MixedPhoto> }[] = [
  { share: 0.3, make: async () => await jpeg('small.jpg', 1280, 960) },
  { share: 0.2, make: async () => await jpeg('middle.jpg', 2400, 1800) },
  { share: 0.05, make: async () => await jpeg('phone.jpg', 4032, 3024) },
  { share: 0.1, make: async () => await jpeg('turned-p3.jpg', 2000, 1500, (picture) => picture.withIccProfile('p3').withMetadata({ orientation: 6 })) },
  { share: 0.05, make: async () => await jpeg('progressive.jpg', 1600, 1200, (picture) => picture, { progressive: true }) },
  { share: 0.1, make: async () => ({ ...(await made('screenshot.png', 1170, 900, (picture) => picture.png())), type: 'image/png' }) },
  { share: 0.1, make: async () => ({ ...(await made('editor.webp', 1600, 1067, (picture) => picture.webp({ effort: 0 }))), type: 'image/webp' }) },
  {
    share: 0.05,
    make: async () => ({ name: 'tiny.heic', type: 'image/heic', bytes: await readFile(path.join(fixtures, 'quadrants.heic')), expected: 'ready' }),
  },
  {
    share: 0.03,
    make: async () => {
      const whole = await jpeg('cut.jpg', 1600, 1200);
      return { ...whole, bytes: whole.bytes.subarray(0, whole.bytes.length / 2), expected: 'failed' };
    },
  },
  {
    share: 0.02,
    make: async () => ({ name: 'lie.jpg', type: 'image/jpeg', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), expected: 'refused' }),
  },
];

/** One block: each kind by its share, the same bytes on every machine. */
export async function mixPhotos(count: number): Promise<MixedPhoto[]> {
  const mix: MixedPhoto[] = [];
  for (const { share, make } of kinds) {
    const photo = await make();
    for (let i = 0; i < Math.max(1, Math.round(share * count)); i++) mix.push(photo);
  }
  return Array.from({ length: count }, (_, i) => mix[i % mix.length]).filter((photo) => photo !== undefined);
}

/** The same items in another order; the same seed gives the same order. */
export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  let state = seed | 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

async function made(name: string, width: number, height: number, encode: (picture: Sharp) => Sharp): Promise<MixedPhoto> {
  const pixels = await photoLike(width, height);
  return { name, type: 'image/jpeg', bytes: await encode(sharp(pixels.data, { raw: pixels })).toBuffer(), expected: 'ready' };
}

const jpeg = async (
  name: string,
  width: number,
  height: number,
  change: (picture: Sharp) => Sharp = (picture) => picture,
  options: JpegOptions = {},
): Promise<MixedPhoto> => await made(name, width, height, (picture) => change(picture).jpeg({ quality: 85, ...options }));
