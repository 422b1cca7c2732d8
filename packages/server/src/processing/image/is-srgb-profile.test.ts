import sharp from 'sharp';
import { expect, test } from 'vitest';
import { quadrants } from '../../../test/support/pictures.ts';
import { isSrgbProfile } from './is-srgb-profile.ts';
import { readMatrixProfile } from './read-matrix-profile.ts';

async function profile(name: 'srgb' | 'p3'): Promise<Buffer> {
  const { icc } = await sharp(await quadrants().withIccProfile(name).png().toBuffer()).metadata();
  if (icc === undefined) throw new Error('no profile was written');
  return icc;
}

test('sRGB is recognised by its primaries and curve', async () => {
  expect(isSrgbProfile(await profile('srgb'))).toBe(true);
});

test('Display P3 is not sRGB, even if its description says so', async () => {
  const p3 = await profile('p3');
  expect(isSrgbProfile(p3)).toBe(false);
  const lying = Buffer.from(p3);
  lying.write('sRGB IEC61966-2.1', 128 + 4 + 12 * lying.readUInt32BE(128), 'latin1');
  expect(isSrgbProfile(lying)).toBe(false);
});

test('the right primaries with another curve are not sRGB', async () => {
  const other = Buffer.from(await profile('srgb'));
  const tag = other.indexOf('rTRC', 128, 'latin1');
  const curve = other.readUInt32BE(tag + 4);
  other.write('curv', curve, 'latin1');
  other.writeUInt32BE(1, curve + 8);
  other.writeUInt16BE(1.8 * 256, curve + 12);
  expect(isSrgbProfile(other)).toBe(false);
});

test('impossible primaries are no usable profile', async () => {
  const damaged = Buffer.from(await profile('p3'));
  const tag = damaged.indexOf('rXYZ', 128, 'latin1');
  damaged.writeInt32BE(0x7fffffff, damaged.readUInt32BE(tag + 4) + 8);
  expect(readMatrixProfile(damaged)).toBeNull();
});

test('garbage of any length is not sRGB and no error', async () => {
  const srgb = await profile('srgb');
  for (let length = 0; length < srgb.length; length += 7) expect(isSrgbProfile(srgb.subarray(0, length))).toBe(false);
});
