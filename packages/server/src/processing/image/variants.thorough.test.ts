import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { writeTiff, type TiffKind } from '../../../test/support/write-tiff.ts';
import { readHeader } from '../../filetypes/read-header.ts';
import { render } from './render.ts';

/*
 * A header reader that accepts less than the decoder calls good files damaged; a decoder that accepts more than it understands publishes wrong
 * pictures. So accepted files must come out right, and all others must be refused with the missing feature.
 */

const outputs = [{ role: 'exact', maxSide: 640, format: 'png' as const, quality: 100, animated: false }];

/** Its pixels as RGB, or the code of its refusal. */
async function outcomeOf(bytes: Buffer): Promise<Buffer | string> {
  try {
    const made: Buffer[] = [];
    await render(bytes, readHeader(bytes), { outputs, blur: false }, { output: async (output) => void made.push(output.bytes), progress: () => {} });
    return await sharp(made[0]).removeAlpha().toColourspace('srgb').raw().toBuffer();
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

const meanDifference = (a: Buffer, b: Buffer): number =>
  a.length === b.length && a.length > 0 ? a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length : Number.POSITIVE_INFINITY;

describe('every layout of a TIFF', () => {
  const size = { width: 33, height: 17 };
  const light = (x: number, y: number, channel: number): number => ((x * 7 + y * 5 + channel * 40) % 256) / 255;
  type Case = { name: string; kind: TiffKind; sampleAt(light: number, channel: number): number; truth(at: (channel: number) => number): number[] };
  const level = (depth: number) => (share: number) => Math.round(share * (2 ** Math.min(depth, 16) - 1));
  const back = (depth: number, share: number): number => level(depth)(share) / (2 ** Math.min(depth, 16) - 1);

  const cases: Case[] = [];
  for (const depth of [1, 2, 4, 8, 10, 12, 16, 32])
    for (const isBigEndian of depth > 8 ? [false, true] : [false])
      for (const isPlanar of [false, true])
        for (const sampleFormat of [undefined, 2, 4])
          for (const [photometric, samples] of [
            [0, 1],
            [1, 1],
            [1, 2],
            [2, 3],
            [2, 4],
            [2, 6],
            [3, 1],
            [4, 1],
            [5, 4],
            [5, 5],
            [6, 3],
            [8, 3],
            [9, 3],
            [32_803, 1],
            [34_892, 3],
          ] as const) {
            const colours = photometric === 5 ? 4 : photometric === 2 ? 3 : 1;
            const extra = samples - colours;
            const isPalette = photometric === 3;
            cases.push({
              name: `photometric ${photometric}, ${samples} × ${depth} bits, format ${sampleFormat ?? 'unsaid'}${isBigEndian ? ', big-endian' : ''}${isPlanar ? ', planar' : ''}`,
              kind: {
                photometric,
                bits: Array.from({ length: samples }, () => depth),
                isBigEndian,
                isPlanar,
                ...(sampleFormat === undefined ? {} : { sampleFormat }),
                fields: {
                  ...(extra > 0 && photometric !== 6 ? { 338: Array.from({ length: extra }, () => 2) } : {}),
                  ...(photometric === 6 ? { 530: [1, 1] } : {}),
                  ...(isPalette
                    ? {
                        320: Array.from({ length: 3 * 2 ** Math.min(depth, 8) }, (_, at) =>
                          Math.round(((at % 2 ** Math.min(depth, 8)) / (2 ** Math.min(depth, 8) - 1)) * 65_535),
                        ),
                      }
                    : {}),
                },
              },
              // Channels after the colours are opaque alpha.
              sampleAt: (share, channel) => level(depth)(channel >= colours && photometric !== 6 && photometric < 8 ? 1 : share),
              truth: (at) => {
                const told = (channel: number): number => back(depth, at(channel));
                if (photometric === 5) return [0, 1, 2].map((ink) => (1 - told(ink)) * (1 - told(3)));
                if (colours === 3) return [0, 1, 2].map(told);
                return Array.from({ length: 3 }, () => (photometric === 0 ? 1 - told(0) : told(0)));
              },
            });
          }

  test('is read correctly, or refused with its missing feature, and never called damaged', { timeout: 300_000 }, async () => {
    const wrong: string[] = [];
    let read = 0;
    for (const { name, kind, sampleAt, truth } of cases) {
      const bytes = writeTiff(size, kind, (x, y, channel) => sampleAt(light(x, y, channel), channel));
      const outcome = await outcomeOf(bytes);
      if (typeof outcome === 'string') {
        if (outcome !== 'unsupported_codec') wrong.push(`${name}: ${outcome}`);
        continue;
      }
      read += 1;
      // Lab cannot be compared: the test only checks that it is a picture.
      if (kind.photometric === 8) continue;
      const expected = Buffer.from(
        Array.from({ length: size.height }, (_, y) =>
          Array.from({ length: size.width }, (__, x) => truth((channel) => light(x, y, channel)).map((share) => Math.round(share * 255))),
        ).flat(2),
      );
      const difference = meanDifference(outcome, expected);
      if (difference > 1.5) wrong.push(`${name}: pixels differ by ${difference.toFixed(1)}`);
    }
    expect(wrong).toEqual([]);
    expect(read).toBeGreaterThan(60);
  });

  test.each([6, 32_771, 32_809, 34_676, 34_712, 34_887, 34_925, 50_000, 12_345])('packed as %i is refused as what it is', async (compression) => {
    const bytes = writeTiff(size, { photometric: 2, bits: [8, 8, 8], compression }, () => 7);
    expect(await outcomeOf(bytes)).toBe('unsupported_codec');
  });

  test('with inks other than CMYK, or separate tiles per channel, is refused with that reason', async () => {
    const inks = writeTiff(size, { photometric: 5, bits: [8, 8, 8, 8], fields: { 332: [2] } }, () => 7);
    const tiles = writeTiff(size, { photometric: 2, bits: [8, 8, 8], isPlanar: true, fields: { 322: [16], 323: [16] } }, () => 7);
    expect([await outcomeOf(inks), await outcomeOf(tiles)]).toEqual(['unsupported_codec', 'unsupported_codec']);
  });
});

const run = promisify(execFile);
const isInstalled = (tool: string): boolean => spawnSync(tool, ['-version']).status === 0;

/** `convert` writes them, and reads them again for comparison. */
const written: [name: string, args: string[]][] = [
  ...[1, 2, 4, 8, 16].flatMap((depth): [string, string[]][] => {
    const grey = ['-colorspace', 'gray', '-depth', `${depth}`, '-define', 'png:color-type=0', '-define', `png:bit-depth=${depth}`];
    return [
      [`grey${depth}.png`, grey],
      [`grey${depth}-interlaced.png`, [...grey, '-interlace', 'PNG']],
    ];
  }),
  ...[1, 2, 4, 8].map((depth): [string, string[]] => [
    `palette${depth}.png`,
    ['-colors', `${2 ** depth}`, '-define', 'png:color-type=3', '-define', `png:bit-depth=${depth}`],
  ]),
  ...[2, 4, 6].flatMap((type) =>
    [8, 16].map((depth): [string, string[]] => [
      `type${type}-${depth}.png`,
      ['-interlace', 'PNG', '-define', `png:color-type=${type}`, '-define', `png:bit-depth=${depth}`],
    ]),
  ),
  ...['1x1', '2x1', '1x2', '2x2', '4x1', '1x4', '4x2'].map((factor): [string, string[]] => [`sampled-${factor}.jpg`, ['-sampling-factor', factor]]),
  ['progressive.jpg', ['-interlace', 'JPEG']],
  ['grey.jpg', ['-colorspace', 'gray']],
  ['inks.jpg', ['-colorspace', 'CMYK']],
  ['inks-progressive.jpg', ['-colorspace', 'CMYK', '-interlace', 'JPEG']],
  ['worst.jpg', ['-quality', '1']],
  ['interlaced.gif', ['-interlace', 'GIF']],
  ['two-colours.gif', ['-colors', '2']],
  ['lossy.webp', ['-quality', '90']],
  ['lossless.webp', ['-define', 'webp:lossless=true']],
  ...['None', 'LZW', 'Zip', 'RLE', 'JPEG', 'WebP'].map((packing): [string, string[]] => [`${packing}.tif`, ['-compress', packing, '-depth', '8']]),
  ...['Group4', 'Fax', 'LZW'].map((packing): [string, string[]] => [`bilevel-${packing}.tif`, ['-threshold', '50%', '-type', 'bilevel', '-compress', packing]]),
  ['tiles.tif', ['-define', 'tiff:tile-geometry=64x64', '-compress', 'LZW']],
  ['tiles-jpeg.tif', ['-define', 'tiff:tile-geometry=64x64', '-compress', 'JPEG']],
  ['planes.tif', ['-interlace', 'plane', '-compress', 'LZW']],
  ['inks.tif', ['-colorspace', 'CMYK', '-depth', '8']],
  ['inks16.tif', ['-colorspace', 'CMYK', '-depth', '16']],
  ['inks-masked.tif', ['-alpha', 'set', '-channel', 'A', '-evaluate', 'set', '60%', '+channel', '-colorspace', 'CMYK', '-depth', '16']],
  ['lab16.tif', ['-colorspace', 'Lab', '-depth', '16']],
  ['lab8.tif', ['-colorspace', 'Lab', '-depth', '8']],
  ['ycc.tif', ['-colorspace', 'YCbCr', '-depth', '8']],
  ['predicted16.tif', ['-define', 'tiff:predictor=2', '-depth', '16', '-compress', 'Zip']],
  ['big.tif64', []],
  ['pages.ptif', []],
  ['still.heic', []],
  ['bitmap.bmp3', []],
  ['bitmap.psd', []],
  ['bitmap.jp2', []],
];

describe.skipIf(!isInstalled('convert'))('what ImageMagick writes (skipped without it)', () => {
  test('is the same as in ImageMagick, or refused with the reason, and never called damaged', { timeout: 300_000 }, async () => {
    const directory = await temporaryDirectory();
    const wrong: string[] = [];
    let read = 0;
    for (const [name, args] of written) {
      const format = name.split('.').at(-1) ?? '';
      const path = join(directory, name);
      await run('convert', [
        '-seed',
        '3',
        '-size',
        '141x97',
        'plasma:tomato-steelblue',
        '-depth',
        '8',
        ...args,
        `${format === 'tif' ? 'tiff' : format}:${path}`,
      ]).catch(() => null);
      const bytes = await readFile(path).catch(() => null);
      // This build of ImageMagick lacks the format.
      if (bytes === null || bytes.length === 0) continue;
      const outcome = await outcomeOf(bytes);
      if (typeof outcome === 'string') {
        if (!['unsupported_codec', 'unsupported_type'].includes(outcome)) wrong.push(`${name}: ${outcome}`);
        continue;
      }
      read += 1;
      const { stdout } = await run('convert', [`${path}[0]`, '-colorspace', 'sRGB', '-alpha', 'off', '-depth', '8', 'rgb:-'], {
        encoding: 'buffer',
        maxBuffer: 1e8,
      });
      const difference = meanDifference(outcome, stdout);
      // Decoders of HEIC interpolate half-resolution colours differently.
      if (difference > (format === 'heic' ? 6 : 3)) wrong.push(`${name}: pixels differ by ${difference.toFixed(1)}`);
    }
    expect(wrong).toEqual([]);
    expect(read).toBeGreaterThan(30);
  });
});
