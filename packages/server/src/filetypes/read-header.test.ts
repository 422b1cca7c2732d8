import { readFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { gridOf, isoBox } from '../../test/support/grid-heic.ts';
import { photoLimits, quadrants } from '../../test/support/pictures.ts';
import type { ImageLimits } from '../processing/image-rules.ts';
import { checkLimits } from '../processing/image/check-limits.ts';
import { readHeader } from './read-header.ts';

const fixture = (name: string): Promise<Buffer> => readFile(new URL(`../../test/fixtures/images/${name}`, import.meta.url));

const limits = photoLimits;

/** The code of the refusal, or `accepted`. */
function verdict(bytes: Buffer, own: Partial<ImageLimits> = {}): string {
  try {
    checkLimits(readHeader(bytes), { ...limits, ...own });
    return 'accepted';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

function chunk(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body, Buffer.alloc(4)]);
}

function pngOf(width: number, height: number, ...more: Buffer[]): Buffer {
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width);
  size.writeUInt32BE(height, 4);
  size.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', size),
    ...more,
    chunk('IDAT', deflateSync(Buffer.alloc(8))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a header contains the facts of the picture', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)('%s: size, type, one frame', async (format) => {
    const header = readHeader(await quadrants().toFormat(format).toBuffer());
    expect(header).toMatchObject({ mimeType: `image/${format}`, width: 240, height: 160, frames: 1, orientation: 1, iccProfile: null });
  });

  test.each([
    ['quadrants.heic', { codec: 'hevc', width: 240, height: 160, depth: 8 }],
    ['quadrants-10bit.heic', { codec: 'hevc', width: 240, height: 160, depth: 10 }],
    ['quadrants-irot.heic', { codec: 'hevc', width: 240, height: 160, orientation: 1 }],
  ] as const)('%s', async (name, expected) => {
    expect(readHeader(await fixture(name))).toMatchObject(expected);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8] as const)('EXIF orientation %i, in JPEG, PNG, WebP and TIFF', async (orientation) => {
    for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
      const header = readHeader(await quadrants().withMetadata({ orientation }).toFormat(format).toBuffer());
      expect([format, header.orientation, header.width]).toEqual([format, orientation, orientation >= 5 ? 160 : 240]);
    }
  });

  test('its complete colour profile, in JPEG, PNG, WebP, AVIF, TIFF and HEIC', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const) {
      const bytes = await quadrants().withIccProfile('p3').toFormat(format).toBuffer();
      const { icc } = await sharp(bytes).metadata();
      expect([format, icc !== undefined && readHeader(bytes).iccProfile?.equals(icc)]).toEqual([format, true]);
    }
    expect(readHeader(await fixture('quadrants-p3.heic')).iccProfile?.toString('latin1', 36, 40)).toBe('acsp');
  });

  test('a JPEG with padding between its segments, which browsers accept', async () => {
    const jpeg = await quadrants().jpeg().toBuffer();
    expect(readHeader(Buffer.concat([jpeg.subarray(0, 20), Buffer.alloc(7), jpeg.subarray(20)]))).toMatchObject({ width: 240, height: 160 });
  });

  test('alpha, depth, grey and CMYK', async () => {
    expect(readHeader(await quadrants().ensureAlpha(0.5).png().toBuffer()).hasAlpha).toBe(true);
    expect(readHeader(await quadrants().ensureAlpha(0.5).webp().toBuffer()).hasAlpha).toBe(true);
    expect(readHeader(await quadrants().ensureAlpha(0.5).avif().toBuffer()).hasAlpha).toBe(true);
    expect(readHeader(await quadrants().avif().toBuffer()).hasAlpha).toBe(false);
    expect(readHeader(await quadrants().toColourspace('rgb16').png().toBuffer()).depth).toBe(16);
    expect(readHeader(await quadrants().avif({ bitdepth: 10 }).toBuffer()).depth).toBe(10);
    expect(readHeader(await quadrants().greyscale().toColourspace('b-w').jpeg().toBuffer()).colour).toBe('grey');
    expect(readHeader(await quadrants().toColourspace('cmyk').jpeg().toBuffer()).colour).toBe('cmyk');
  });

  test('frames of animated GIF and WebP', async () => {
    const frames = await Promise.all(
      ['#f00', '#0f0', '#00f'].map((background) =>
        sharp({ create: { width: 20, height: 20, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    for (const format of ['gif', 'webp'] as const) {
      const bytes = await sharp(frames, { join: { animated: true } })
        .toFormat(format)
        .toBuffer();
      expect(readHeader(bytes)).toMatchObject({ width: 20, height: 20, frames: 3 });
    }
  });

  test('the scans of a progressive JPEG', async () => {
    expect(readHeader(await quadrants().jpeg({ progressive: true }).toBuffer())).toMatchObject({ interlaced: true, scans: 10 });
    expect(readHeader(await quadrants().jpeg().toBuffer())).toMatchObject({ interlaced: false, scans: 1 });
  });
});

describe('the header alone refuses a picture', () => {
  test('with more pixels than allowed, however few bytes', () => {
    expect(verdict(pngOf(30_000, 30_000))).toBe('too_many_pixels');
    expect(verdict(pngOf(0x7fffffff, 0x7fffffff))).toBe('too_many_pixels');
    const webp = Buffer.from('RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\xff\xff\xff\x0f\0\0\0\0\0\0\0\0', 'latin1');
    expect(verdict(webp)).toBe('too_many_pixels');
  });

  test('with a longer side than any photo has, however few pixels there are, in every format', async () => {
    expect(verdict(pngOf(1, 49_000_000), { minAspectRatio: 0, minWidth: 1 })).toBe('too_many_pixels');
    expect(verdict(pngOf(32_769, 16), { maxAspectRatio: 1e9 })).toBe('too_many_pixels');
    expect(verdict(pngOf(32_768, 16), { maxAspectRatio: 1e9 })).toBe('accepted');
    const jpeg = await quadrants().jpeg().toBuffer();
    jpeg.writeUInt16BE(65_000, jpeg.indexOf('\xff\xc0', 0, 'latin1') + 7);
    const gif = await quadrants().gif().toBuffer();
    gif.writeUInt16LE(65_000, 6);
    const avif = await quadrants().avif({ effort: 0 }).toBuffer();
    avif.writeUInt32BE(1_000_000, avif.indexOf('ispe', 0, 'latin1') + 8);
    for (const bytes of [jpeg, gif, avif]) expect(verdict(bytes, { maxAspectRatio: 1e9 })).toBe('too_many_pixels');
  });

  test('that is to be cropped to a fraction of zero, as damaged', async () => {
    const cropped = async (below: number): Promise<Buffer> => {
      const fractions = [200, below, 100, 1, 0, 1, 0, 1].map((value) => Buffer.from([0, 0, 0, value]));
      return gridOf(await fixture('quadrants.heic'), isoBox('clap', ...fractions));
    };
    expect(verdict(await cropped(0))).toBe('corrupt_media');
    expect(readHeader(await cropped(1))).toMatchObject({ width: 200, height: 100 });
  });

  test('that is a JPEG with a false size', async () => {
    const jpeg = await quadrants().jpeg().toBuffer();
    const frame = jpeg.indexOf('\xff\xc0', 0, 'latin1');
    jpeg.writeUInt16BE(64_250, frame + 5);
    jpeg.writeUInt16BE(64_250, frame + 7);
    expect(verdict(jpeg)).toBe('too_many_pixels');
  });

  test('that is an AVIF which costs a gigabyte to decode and a kilobyte to send', async () => {
    const avif = await quadrants().avif().toBuffer();
    const size = avif.indexOf('ispe', 0, 'latin1') + 8;
    avif.writeUInt32BE(8000, size);
    avif.writeUInt32BE(8000, size + 4);
    expect(verdict(avif)).toBe('too_many_pixels');
  });

  test('with too many frames, or too many pixels in all frames together', () => {
    const frame = Buffer.from('2c0000000010001000000202440100', 'hex');
    const gif = (count: number): Buffer =>
      Buffer.concat([Buffer.from('GIF89a\xd0\x07\xd0\x07\x00\x00\x00', 'latin1'), ...Array.from({ length: count }, () => frame), Buffer.from(';')]);
    expect(verdict(gif(501))).toBe('too_many_frames');
    expect(verdict(gif(400))).toBe('too_many_pixels');
    expect(verdict(gif(100))).toBe('accepted');
  });

  test('with more passes over its pixels than any camera makes', async () => {
    const jpeg = await sharp({ create: { width: 7000, height: 7000, channels: 3, background: '#888' } })
      .jpeg({ progressive: true })
      .toBuffer();
    const lastScan = jpeg.lastIndexOf('\xff\xda', jpeg.length, 'latin1');
    const scan = jpeg.subarray(lastScan, -2);
    expect(verdict(jpeg)).toBe('accepted');
    expect(verdict(Buffer.concat([jpeg.subarray(0, -2), ...Array.from({ length: 500 }, () => scan), Buffer.from('\xff\xd9', 'latin1')]))).toBe(
      'resource_limit',
    );
  });

  test('that is too small, too narrow, not accepted, empty, or no picture', () => {
    expect(verdict(pngOf(1, 1))).toBe('too_small');
    expect(verdict(pngOf(16, 5000))).toBe('aspect_ratio_out_of_range');
    expect(verdict(pngOf(100, 100), { acceptedTypes: ['image/jpeg'] })).toBe('unsupported_type');
    expect(verdict(Buffer.alloc(0))).toBe('empty_file');
    expect(verdict(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBe('unsupported_type');
    expect(verdict(Buffer.from('<html>'))).toBe('unsupported_type');
  });

  test('in a coding that nothing displays, by its name', async () => {
    const jpeg = await quadrants().jpeg().toBuffer();
    jpeg[jpeg.indexOf('\xff\xc0', 0, 'latin1') + 1] = 0xc9;
    expect(verdict(jpeg)).toBe('unsupported_codec');
  });

  test('whose header was cut anywhere, as damaged and never with a crash', async () => {
    const whole = [
      await quadrants().withMetadata({ orientation: 6 }).withIccProfile('p3').jpeg().toBuffer(),
      await quadrants().withIccProfile('p3').png().toBuffer(),
      await quadrants().tiff().toBuffer(),
      await quadrants().gif().toBuffer(),
      await quadrants().avif().toBuffer(),
      await fixture('quadrants-p3.heic'),
    ];
    for (const bytes of whole) {
      for (let length = 12; length < Math.min(bytes.length, 1500); length++)
        expect(['accepted', 'corrupt_media', 'unsupported_type']).toContain(verdict(bytes.subarray(0, length)));
    }
  });
});
