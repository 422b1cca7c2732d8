import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { readHeader } from '../src/filetypes/read-header.ts';
import { render } from '../src/processing/image/render.ts';
import { openBrowser } from './support/browser.ts';
import { describeInBrowser } from './support/describe-in-browser.ts';
import { oddPictures, type OddPicture } from './support/odd-pictures.ts';

type Seen = { width: number; height: number; colours: number[][] } | null;

const pictures = await oddPictures();

/** The largest difference of any channel between decoders of one standard. */
const tolerance = 4;
/** Where we deliberately differ. */
const allowed: Readonly<Record<string, { tolerance: number; why: string }>> = {
  'PNG: gamma 1/2.2 and primaries of sRGB': {
    tolerance: 6,
    why: 'whoever writes it means sRGB, whose curve is no power; Chromium takes the power by its word',
  },
};
/** Chromium rotates every format by its EXIF but this one; other browsers, and every library that writes such files, rotate it too. */
const turnedByOthers = new Set(['WebP: orientation 6']);

describeInBrowser('pictures that decoders are at odds about', () => {
  let browser: Browser;
  const shown = new Map<string, Seen>();

  beforeAll(async () => {
    browser = await openBrowser();
    const tab = await browser.newPage();
    for (const { name, type, bytes } of pictures) shown.set(name, await tab.evaluate(look, `data:${type};base64,${bytes.toString('base64')}`));
  });
  afterAll(() => browser.close());

  test.each(pictures)('$name: as Chromium shows it', async (picture) => {
    const theirs = shown.get(picture.name) ?? null;
    const ours = await make(picture);
    if (turnedByOthers.has(picture.name)) {
      expect([ours?.width, ours?.height]).toEqual([theirs?.height, theirs?.width]);
      return;
    }
    expect(ours === null ? 'refused' : [ours.width, ours.height], JSON.stringify({ ours, theirs })).toEqual(
      theirs === null ? 'refused' : [theirs.width, theirs.height],
    );
    if (ours === null || theirs === null) return;
    const difference = Math.max(
      ...ours.colours.flatMap((colour, i) => colour.map((value, channel) => Math.abs(value - (theirs.colours[i]?.[channel] ?? 999)))),
    );
    expect(difference, JSON.stringify({ ours, theirs })).toBeLessThanOrEqual(allowed[picture.name]?.tolerance ?? tolerance);
  });
});

/** In the page: what an `img` element would show, as the pixels in the middle of each quadrant; null if it shows nothing. */
async function look(source: string): Promise<Seen> {
  const image = new Image();
  image.src = source;
  try {
    await image.decode();
  } catch {
    return null;
  }
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.drawImage(image, 0, 0);
  const at = (x: number, y: number): number[] => [...context.getImageData(Math.floor(x * width), Math.floor(y * height), 1, 1).data].slice(0, 3);
  return { width, height, colours: [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)] };
}

/** Our output at full size and without loss; null if we refuse the file. */
async function make({ bytes }: OddPicture): Promise<Seen> {
  let made = Buffer.alloc(0);
  try {
    await render(
      bytes,
      readHeader(bytes),
      { outputs: [{ role: 'exact', maxSide: 10_000, format: 'png', quality: 100, animated: false }], blur: false },
      { output: async (output) => void (made = Buffer.from(output.bytes)), progress: () => {} },
    );
  } catch {
    return null;
  }
  const { data, info } = await sharp(made).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number[] => [...data.subarray((Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 3).subarray(0, 3)];
  return { width: info.width, height: info.height, colours: [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)] };
}
