import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { animatedAvif } from '../../../../test/support/animated-avif.ts';
import { isoBox } from '../../../../test/support/grid-heic.ts';
import { photoLimits, largestDifference, quadrantColours, quadrants, quadrantsOf } from '../../../../test/support/pictures.ts';
import { readHeader } from '../../../filetypes/read-header.ts';
import type { ImageOutput, OutputRule } from '../../image-rules.ts';
import { checkLimits } from '../check-limits.ts';
import { render } from '../render.ts';

const fixture = async (name: string): Promise<Buffer> => await readFile(new URL(`../../../../test/fixtures/images/${name}`, import.meta.url));

const moving: OutputRule = { role: 'preview', maxSide: 200, format: 'webp', quality: 100, animated: true };
const still: OutputRule = { ...moving, format: 'png', animated: false };

async function renderOne(bytes: Buffer, own: Partial<OutputRule> = {}, keepCopyright = false): Promise<ImageOutput> {
  const made: ImageOutput[] = [];
  const job = { outputs: [{ ...moving, ...own }], blur: false, keepCopyright };
  await render(bytes, readHeader(bytes), job, { output: async (output) => void made.push(output), progress: () => {} });
  const [output] = made;
  if (output === undefined) throw new Error('nothing was made');
  return output;
}

type Frames = { delay: number[]; loop: number | undefined; middles: number[][] };

/** The colours in the middle of every frame, and when they are shown. */
async function framesOf({ bytes }: { bytes: Buffer }): Promise<Frames> {
  const { pages = 1, delay = [], loop } = await sharp(bytes, { animated: true }).metadata();
  const middles: number[][] = [];
  for (let page = 0; page < pages; page++) {
    const { data, info } = await sharp(bytes, { page }).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const at = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * 4;
    middles.push([...data.subarray(at, at + 4)]);
  }
  return { delay, loop, middles };
}

const avif = async (picture: Sharp, options: object = {}): Promise<Buffer> =>
  await picture.avif({ quality: 100, effort: 0, chromaSubsampling: '4:4:4', ...options }).toBuffer();
const plain = (background: string, size = { width: 40, height: 30 }): Sharp => sharp({ create: { ...size, channels: 3, background } });
const colours = ['#c83232', '#32c832', '#3232c8'];
const shown = [
  [200, 50, 50, 255],
  [50, 200, 50, 255],
  [50, 50, 200, 255],
];
const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  await promise.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  );

let stills: Buffer[];
beforeAll(async () => {
  stills = await Promise.all(colours.map(async (colour) => await avif(plain(colour))));
});

describe('an animated AVIF stays animated', () => {
  test.each(['webp', 'source'] as const)('as %s, with the durations of its frames and the number of its plays', async (format) => {
    const output = await renderOne(animatedAvif(stills, { delays: [40, 1000, 120], plays: 3 }), { format });
    expect(output).toMatchObject({ mimeType: 'image/webp', width: 40, height: 30 });
    const { delay, loop, middles } = await framesOf(output);
    expect({ delay, loop }).toEqual({ delay: [40, 1000, 120], loop: 3 });
    expect(largestDifference(middles, shown)).toBeLessThan(6);
  });

  test('and is played for ever if it does not say how often', async () => {
    expect((await framesOf(await renderOne(animatedAvif(stills)))).loop).toBe(0);
  });

  test('and frames without a duration are shown for a tenth of a second, like in browsers', async () => {
    expect((await framesOf(await renderOne(animatedAvif(stills, { delays: [0, 10, 11] })))).delay).toEqual([100, 100, 11]);
  });

  test('if its frames are predicted from one another', async () => {
    const bytes = await fixture('moving.avif');
    expect(readHeader(bytes)).toMatchObject({ codec: 'av1-sequence', width: 64, height: 48, decodableFrames: 6, depth: 8 });
    await expectMovingSquare(await renderOne(bytes), 255);
  });

  test('with the light of PQ mapped to what a screen shows', async () => {
    const bytes = await fixture('moving-pq.avif');
    expect(readHeader(bytes)).toMatchObject({ depth: 10, cicp: { primaries: 9, transfer: 16 } });
    await expectMovingSquare(await renderOne(bytes), 202);
  });

  test('with its transparency, whether its colours are multiplied by it or not', async () => {
    const half = await Promise.all(colours.map(async (colour) => await avif(plain(colour).ensureAlpha(0.5))));
    const halved = await Promise.all(['#641919', '#196419', '#191964'].map(async (colour) => await avif(plain(colour).ensureAlpha(0.5))));
    const expected = shown.map((colour) => [...colour.slice(0, 3), 128]);
    expect(largestDifference((await framesOf(await renderOne(animatedAvif(half)))).middles, expected)).toBeLessThan(6);
    expect(largestDifference((await framesOf(await renderOne(animatedAvif(halved, { isPremultiplied: true })))).middles, expected)).toBeLessThan(8);
  });

  test('smaller, upright and without metadata', async () => {
    const frames = await Promise.all([quadrants(), quadrants().negate()].map(async (picture) => await avif(picture.withExif({ IFD0: { Artist: 'Ada' } }))));
    const bytes = animatedAvif(frames, { properties: [isoBox('irot', Buffer.from([2]))] });
    const output = await renderOne(bytes, { maxSide: 60 });
    expect(await sharp(output.bytes, { animated: true }).metadata()).toMatchObject({ width: 60, pageHeight: 40, pages: 2, hasProfile: false });
    expect(output.bytes.includes('Ada')).toBe(false);
    expect(largestDifference(await quadrantsOf(output.bytes), quadrantColours.toReversed())).toBeLessThan(10);
  });

  test('in other chroma formats and depths', async () => {
    const frames = async (options: object, picture = (colour: string): Sharp => plain(colour)): Promise<Frames> =>
      await framesOf(await renderOne(animatedAvif(await Promise.all(colours.map(async (colour) => await avif(picture(colour), options))))));
    expect(largestDifference((await frames({ chromaSubsampling: '4:2:0' })).middles, shown)).toBeLessThan(6);
    expect(largestDifference((await frames({ bitdepth: 10 })).middles, shown)).toBeLessThan(6);
    expect(largestDifference((await frames({ bitdepth: 12 })).middles, shown)).toBeLessThan(6);
    expect(largestDifference((await frames({ lossless: true })).middles, shown)).toBeLessThan(3);
    const greys = await frames({}, (colour) => plain(colour).greyscale());
    expect(greys.middles.map(([red = 0, green = 0, blue = 0]) => Math.max(red, green, blue) - Math.min(red, green, blue))).toEqual([0, 0, 0]);
  });

  test('and the same bytes give the same bytes', async () => {
    const bytes = await fixture('moving.avif');
    expect((await renderOne(bytes)).bytes.equals((await renderOne(bytes)).bytes)).toBe(true);
  });

  test('and keeps the names of its owner, if asked, from the still picture beside it', async () => {
    const beside = await avif(plain('#000').withExif({ IFD0: { Artist: 'Ada Lovelace' } }));
    const kept = await renderOne(animatedAvif(stills, { still: beside }), {}, true);
    expect(kept.bytes.includes('Ada Lovelace')).toBe(true);
    expect((await framesOf(await renderOne(animatedAvif(stills), {}, true))).middles).toHaveLength(3);
  });
});

describe('its still outputs', () => {
  test('show the first frame, as browsers do, not the still picture beside it', async () => {
    const bytes = animatedAvif(stills, { still: await avif(plain('#ffffff', { width: 80, height: 20 })) });
    const output = await renderOne(bytes, still);
    expect(output).toMatchObject({ width: 40, height: 30 });
    expect(largestDifference((await framesOf(output)).middles, shown.slice(0, 1))).toBeLessThan(6);
  });

  test('stay AVIF where the rule keeps the format of the upload', async () => {
    expect((await renderOne(animatedAvif(stills), { format: 'source', animated: false })).mimeType).toBe('image/avif');
    expect((await renderOne(animatedAvif(stills.slice(0, 1)), { format: 'source', animated: true })).mimeType).toBe('image/avif');
  });
});

describe('a hostile animation is refused', () => {
  test('by its header, if it has more frames, or more pixels in all of them, than are allowed', () => {
    const header = readHeader(animatedAvif(stills));
    const verdict = (limits: object): unknown => {
      try {
        checkLimits(header, { ...photoLimits, ...limits });
        return 'accepted';
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
    };
    expect(verdict({ maxFrames: 3, maxTotalPixels: 3600 })).toBe('accepted');
    expect(verdict({ maxFrames: 2 })).toBe('too_many_frames');
    expect(verdict({ maxTotalPixels: 3599 })).toBe('too_many_pixels');
  });

  test('if a frame has another size than the file announces, larger or smaller', async () => {
    for (const size of [
      { width: 400, height: 300 },
      { width: 20, height: 15 },
    ]) {
      const bytes = animatedAvif([...stills, await avif(plain('#ffffff', size))]);
      expect(await codeOf(renderOne(bytes))).toBe('corrupt_media');
    }
    expect(await codeOf(renderOne(animatedAvif(stills, { announced: { width: 41 } }), still))).toBe('corrupt_media');
  });

  test('if a frame is damaged or shows nothing', async () => {
    const whole = animatedAvif(stills);
    const data = whole.indexOf('mdat', 0, 'latin1') + 4;
    const last = data + Math.floor(((whole.length - data) * 5) / 6);
    expect(await codeOf(renderOne(Buffer.concat([whole.subarray(0, last), Buffer.alloc(whole.length - last, 0xff)])))).toBe('corrupt_media');
    expect(await codeOf(renderOne(Buffer.concat([whole.subarray(0, data), Buffer.alloc(whole.length - data)])))).toBe('corrupt_media');
  });

  test('and the next one is decoded as if nothing had been', async () => {
    const whole = animatedAvif(stills);
    const before = (await renderOne(whole)).bytes;
    const damaged = Buffer.from(whole);
    damaged.fill(0xa5, whole.indexOf('mdat', 0, 'latin1') + 20);
    expect(await codeOf(renderOne(damaged))).toBe('corrupt_media');
    expect((await renderOne(whole)).bytes.equals(before)).toBe(true);
  });
});

/** A square of 8 pixels that moves by its own width with every frame. */
async function expectMovingSquare({ bytes }: ImageOutput, brightness: number): Promise<void> {
  const { pages = 1 } = await sharp(bytes, { animated: true }).metadata();
  expect(pages).toBe(6);
  for (let page = 0; page < pages; page++) {
    const { data, info } = await sharp(bytes, { page }).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const row = Array.from({ length: 8 }, (_, square) => data[(20 * info.width + square * 8 + 4) * 3] ?? 0);
    expect(row.map((value) => Math.abs(value - brightness) < 12)).toEqual(row.map((_, square) => square === page));
    expect(row.filter((value) => value < 12)).toHaveLength(7);
  }
}
