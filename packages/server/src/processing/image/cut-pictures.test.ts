import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { gridOf } from '../../../test/support/grid-heic.ts';
import { photoLike } from '../../../test/support/pictures.ts';
import { readHeader } from '../../filetypes/read-header.ts';
import { render } from './render.ts';

const fixture = (name: string): Promise<Buffer> => readFile(new URL(`../../../test/fixtures/images/${name}`, import.meta.url));

const outputs = [{ role: 'exact', maxSide: 480, format: 'png' as const, quality: 100, animated: false }];

/** The pixels of a picture, or the code of its refusal. */
async function outcomeOf(bytes: Buffer): Promise<Buffer | string> {
  try {
    const made: Buffer[] = [];
    await render(bytes, readHeader(bytes), { outputs, blur: false }, { output: async (output) => void made.push(output.bytes), progress: () => {} });
    return await sharp(made[0]).raw().toBuffer();
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

type Damage = 'zeroed' | 'flipped';

/** A block of a sixteenth of the file, in the pixel data. */
function damaged(bytes: Buffer, how: Damage): Buffer {
  const copy = Buffer.from(bytes);
  const [from, to] = [Math.floor(copy.length * 0.6), Math.floor(copy.length * 0.6625)];
  for (let at = from; at < to; at++) copy[at] = how === 'zeroed' ? 0 : ~(copy[at] ?? 0) & 255;
  return copy;
}

const cuts = [0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99, 0.999];

/**
 * The outcome if a block is overwritten. `other pixels`: these formats have no checksum that a decoder verifies, and any bits are some picture, so
 * the damage goes unnoticed unless it happens to break the syntax.
 */
const kinds = {
  'baseline JPEG': { zeroed: 'other pixels', flipped: 'other pixels' },
  'progressive JPEG': { zeroed: 'other pixels', flipped: 'corrupt_media' },
  PNG: { zeroed: 'corrupt_media', flipped: 'corrupt_media' },
  'lossy WebP': { zeroed: 'other pixels', flipped: 'other pixels' },
  'lossless WebP': { zeroed: 'other pixels', flipped: 'other pixels' },
  GIF: { zeroed: 'other pixels', flipped: 'corrupt_media' },
  AVIF: { zeroed: 'corrupt_media', flipped: 'corrupt_media' },
  'deflated TIFF': { zeroed: 'other pixels', flipped: 'other pixels' },
  'plain TIFF': { zeroed: 'other pixels', flipped: 'other pixels' },
  HEIC: { zeroed: 'other pixels', flipped: 'other pixels' },
  'HEIC of tiles': { zeroed: 'corrupt_media', flipped: 'corrupt_media' },
  '10-bit HEIC': { zeroed: 'corrupt_media', flipped: 'corrupt_media' },
} as const satisfies Record<string, Record<Damage, string>>;

describe('a damaged picture is refused, or its pixels are those of the intact one', () => {
  const whole = new Map<string, Buffer>();
  beforeAll(async () => {
    const photo = await photoLike(240, 160);
    const made = async (encode: (picture: Sharp) => Sharp): Promise<Buffer> => encode(sharp(photo.data, { raw: photo })).toBuffer();
    const heic = await fixture('quadrants.heic');
    whole.set('baseline JPEG', await made((picture) => picture.jpeg()));
    whole.set('progressive JPEG', await made((picture) => picture.jpeg({ progressive: true })));
    whole.set('PNG', await made((picture) => picture.png()));
    whole.set('lossy WebP', await made((picture) => picture.webp()));
    whole.set('lossless WebP', await made((picture) => picture.webp({ lossless: true })));
    whole.set('GIF', await made((picture) => picture.gif()));
    whole.set('AVIF', await made((picture) => picture.avif({ effort: 0 })));
    whole.set('deflated TIFF', await made((picture) => picture.tiff({ compression: 'deflate' })));
    whole.set('plain TIFF', await made((picture) => picture.tiff({ compression: 'none' })));
    whole.set('HEIC', heic);
    whole.set('HEIC of tiles', gridOf(heic));
    whole.set('10-bit HEIC', await fixture('quadrants-10bit.heic'));
  });

  const verdictOf = async (bytes: Buffer, pixels: Buffer | string): Promise<string> => {
    const outcome = await outcomeOf(bytes);
    if (typeof outcome === 'string') return outcome;
    return typeof pixels !== 'string' && outcome.equals(pixels) ? 'the same pixels' : 'other pixels';
  };

  test.each(Object.entries(kinds))('%s', async (name, expected) => {
    const bytes = whole.get(name) ?? Buffer.alloc(0);
    const pixels = await outcomeOf(bytes);
    expect(pixels).toBeInstanceOf(Buffer);
    for (const part of cuts) {
      const verdict = await verdictOf(bytes.subarray(0, Math.floor(bytes.length * part)), pixels);
      expect([part, ['corrupt_media', 'the same pixels'].includes(verdict), verdict]).toEqual([part, true, verdict]);
    }
    for (const how of ['zeroed', 'flipped'] as const) expect([how, await verdictOf(damaged(bytes, how), pixels)]).toEqual([how, expected[how]]);
  });

  test('a progressive JPEG without its last scans passes, wherever it was cut', async () => {
    const bytes = whole.get('progressive JPEG') ?? Buffer.alloc(0);
    const scans = [...bytes.keys()].filter((at) => bytes[at] === 0xff && bytes[at + 1] === 0xda);
    expect(scans.length).toBeGreaterThan(5);
    for (const at of scans.slice(1)) expect(await outcomeOf(bytes.subarray(0, at))).toBe('corrupt_media');
  });

  test('a HEIC with one byte missing is refused by its header alone', async () => {
    const bytes = whole.get('HEIC of tiles') ?? Buffer.alloc(0);
    expect(() => readHeader(bytes.subarray(0, bytes.length - 1))).toThrow('it ends before the last of its pixels');
    expect(() => readHeader(bytes)).not.toThrow();
  });
});
