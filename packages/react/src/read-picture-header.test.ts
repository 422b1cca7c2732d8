import sharp from 'sharp';
import { describe, expect, test } from 'vitest';

import { isQuicklyDecoded } from './is-quickly-decoded.ts';
import { readPictureHeader } from './read-picture-header.ts';

const picture = () => sharp({ create: { width: 60, height: 40, channels: 3, background: '#a3260f' } });
const blobOf = (bytes: Uint8Array): Blob => new Blob([new Uint8Array(bytes)]);

describe('the header of a picture', () => {
  test.each(['jpeg', 'png', 'gif', 'webp', 'avif'] as const)('tells the size of a %s', async (format) => {
    expect(await readPictureHeader(blobOf(await picture().toFormat(format).toBuffer()))).toEqual({ width: 60, height: 40, passes: 1 });
  });

  test('contains the size in each form of WebP', async () => {
    const forms = [picture().webp({ lossless: true }), picture().ensureAlpha(0.5).webp(), picture().webp({ quality: 20 })];
    for (const form of forms) expect(await readPictureHeader(blobOf(await form.toBuffer()))).toMatchObject({ width: 60, height: 40 });
  });

  test('contains the upright size of a rotated camera picture', async () => {
    const bytes = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await readPictureHeader(blobOf(bytes))).toMatchObject({ width: 40, height: 60 });
  });

  test('contains the number of passes of a progressive JPEG', async () => {
    const bytes = await picture().jpeg({ progressive: true }).toBuffer();
    const plain = await readPictureHeader(blobOf(bytes));
    expect(plain?.passes).toBeGreaterThan(3);
    expect(plain && isQuicklyDecoded(plain)).toBe(true);
    // Empty scans, repeated: a few bytes each, and all pixels again for the decoder.
    const scan = bytes.subarray(bytes.lastIndexOf(Buffer.from([0xff, 0xda])), bytes.length - 2);
    const bomb = Buffer.concat([bytes.subarray(0, -2), ...Array.from({ length: 5000 }, () => scan), bytes.subarray(-2)]);
    bomb.writeUInt16BE(8000, bomb.indexOf(Buffer.from([0xff, 0xc2])) + 5);
    bomb.writeUInt16BE(8000, bomb.indexOf(Buffer.from([0xff, 0xc2])) + 7);
    const header = await readPictureHeader(blobOf(bomb));
    expect(header).toMatchObject({ width: 8000, height: 8000 });
    expect(header?.passes).toBeGreaterThan(5000);
    expect(header && isQuicklyDecoded(header)).toBe(false);
  });

  test('is null for a file that is no picture, is truncated, or has no size', async () => {
    const bytes = await picture().jpeg().toBuffer();
    for (const odd of [Buffer.alloc(0), Buffer.from('hello, I am a text'), bytes.subarray(0, 30), Buffer.from('GIF89a\0\0\0\0\0\0')]) {
      expect(await readPictureHeader(blobOf(odd))).toBeNull();
    }
  });
});

test.each([
  { width: 8000, height: 6000, passes: 1, quick: true },
  { width: 6000, height: 4000, passes: 12, quick: true },
  { width: 65_500, height: 65_500, passes: 1, quick: false },
  { width: 1, height: 49_000_000, passes: 1, quick: false },
  { width: 10_000, height: 5000, passes: 100, quick: false },
])('a preview of $width × $height pixels in $passes passes is made: $quick', ({ quick, ...header }) => {
  expect(isQuicklyDecoded(header)).toBe(quick);
});
