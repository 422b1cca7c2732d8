import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { animatedAvif, type AnimatedAvif } from '../../../test/support/animated-avif.ts';
import { isoBox } from '../../../test/support/grid-heic.ts';
import { readHeader } from '../read-header.ts';
import { readSequence } from './read-sequence.ts';

let stills: Buffer[];
let clear: Buffer[];

beforeAll(async () => {
  const plain = (background: string): Sharp => sharp({ create: { width: 40, height: 30, channels: 3, background } }).avif({ effort: 0 });
  const colours = ['#f00', '#0f0', '#00f'];
  stills = await Promise.all(colours.map(async (colour) => await plain(colour).toBuffer()));
  clear = await Promise.all(colours.map(async (colour) => await plain(colour).ensureAlpha(0.5).toBuffer()));
});

const sequence = (options: AnimatedAvif = {}): Buffer => animatedAvif(stills, options);
const turn = (quarters: number): Buffer => isoBox('irot', Buffer.from([quarters]));
const mirror = (mode: number): Buffer => isoBox('imir', Buffer.from([mode]));
const verdict = (bytes: Buffer): unknown => {
  try {
    return readHeader(bytes).codec;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('an animated AVIF says', () => {
  test('its size, its frames and whether it is transparent', () => {
    expect(readHeader(sequence())).toMatchObject({
      mimeType: 'image/avif',
      codec: 'av1-sequence',
      width: 40,
      height: 30,
      frames: 3,
      hasAlpha: false,
      depth: 8,
    });
    expect(readHeader(animatedAvif(clear))).toMatchObject({ decodableFrames: 3, hasAlpha: true, channels: 4, isPremultiplied: false });
    expect(readHeader(animatedAvif(clear, { isPremultiplied: true })).isPremultiplied).toBe(true);
  });

  test('how long each frame is shown', () => {
    expect(readSequence(sequence({ delays: [40, 1000, 7] }))?.delays).toEqual([40, 1000, 7]);
    expect(readSequence(sequence({ delays: [40, 4_000_000_000, 7] }))?.delays).toEqual([40, 65_535, 7]);
  });

  test.each([
    ['without an edit list, for ever', null, 0],
    ['for ever', 0, 0],
    ['once', 1, 1],
    ['five times', 5, 5],
  ])('how often it is played: %s', (_, plays, expected) => {
    expect(readSequence(sequence({ plays }))?.plays).toBe(expected);
  });

  test('how it is turned and mirrored', () => {
    const orientation = (...properties: Buffer[]): unknown => readSequence(sequence({ properties }))?.picture.orientation;
    expect([orientation(), orientation(turn(1)), orientation(turn(2)), orientation(turn(3))]).toEqual([1, 8, 3, 6]);
    expect([orientation(mirror(0)), orientation(mirror(1))]).toEqual([4, 2]);
    expect([orientation(turn(1), mirror(0)), orientation(turn(3), mirror(0))]).toEqual([5, 7]);
    expect(readHeader(sequence({ properties: [turn(1)] }))).toMatchObject({ width: 30, height: 40, storedWidth: 40 });
  });
});

describe('which picture of a file counts', () => {
  const withStill = (options: AnimatedAvif = {}): Buffer => {
    const [still] = stills;
    return sequence({ ...options, ...(still === undefined ? {} : { still }) });
  };

  test('the sequence, if the main brand says so', () => {
    expect(verdict(withStill())).toBe('av1-sequence');
  });

  test('the still picture under every other main brand, as in browsers', () => {
    for (const majorBrand of ['avif', 'mif1', 'msf1'])
      expect(readHeader(withStill({ majorBrand }))).toMatchObject({ codec: 'av1', frames: 3, decodableFrames: 1 });
  });

  test('the still picture, if the frames are cropped or otherwise unlike those that are read here', () => {
    expect(verdict(withStill({ properties: [isoBox('clap', Buffer.alloc(32, 1))] }))).toBe('av1');
    const other = withStill();
    other.write('vp09', other.indexOf('av01', other.indexOf('stsd', 0, 'latin1'), 'latin1'), 'latin1');
    expect(verdict(other)).toBe('av1');
  });

  test('one frame is a still picture', () => {
    expect(readHeader(animatedAvif(stills.slice(0, 1)))).toMatchObject({ codec: 'av1-sequence', frames: 1, decodableFrames: 1 });
  });
});

describe('a file is refused by its header', () => {
  test('if it ends before its last frame, or in the description of its frames', () => {
    const whole = sequence();
    expect(verdict(whole)).toBe('av1-sequence');
    for (let length = 12; length < whole.length; length += 7) expect([length, verdict(whole.subarray(0, length))]).toEqual([length, 'corrupt_media']);
    expect(verdict(whole.subarray(0, -1))).toBe('corrupt_media');
  });

  test('if it says that it is animated, but describes no frames', () => {
    const whole = sequence();
    whole.write('free', whole.indexOf('moov', 0, 'latin1'), 'latin1');
    expect(() => readHeader(whole)).toThrow('describes no frames');
  });

  test('if it announces more frames than its tables hold', () => {
    expect(verdict(sequence({ announced: { frames: 4 } }))).toBe('corrupt_media');
    expect(verdict(sequence({ announced: { frames: 19_000 } }))).toBe('corrupt_media');
  });

  test('if its transparency has another number of frames', () => {
    const fewer = animatedAvif(clear);
    const table = fewer.lastIndexOf('stsz', -1, 'latin1');
    fewer.writeUInt32BE(2, table + 12);
    expect(() => readHeader(fewer)).toThrow('another number of frames');
  });

  test('if a frame has no bytes, or no size', () => {
    const empty = sequence();
    empty.writeUInt32BE(0, empty.indexOf('stsz', 0, 'latin1') + 16);
    expect(() => readHeader(empty)).toThrow('no bytes');
    expect(() => readHeader(sequence({ announced: { width: 0 } }))).toThrow('no size');
  });

  test('whatever byte of its boxes is wrong, it is read or refused, in no time', () => {
    const whole = sequence({ plays: 3 });
    const end = whole.indexOf('mdat', 0, 'latin1');
    for (let at = 8; at < end; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const wrong = Buffer.from(whole);
        wrong[at] = value;
        expect(['av1-sequence', 'av1', 'hevc', 'corrupt_media', 'unsupported_codec', 'unsupported_type', 'resource_limit']).toContain(verdict(wrong));
      }
    }
  });

  test('if it has billions of frames, which are neither read nor listed', () => {
    const many = { announced: { frames: 4_000_000_000 } };
    expect(verdict(sequence(many))).toBe('unsupported_codec');
    const [still] = stills;
    expect(readHeader(sequence({ ...many, ...(still === undefined ? {} : { still }) }))).toMatchObject({ frames: 4_000_000_000, decodableFrames: 1 });
  });
});
