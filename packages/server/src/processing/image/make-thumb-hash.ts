import { rgbaToThumbHash } from 'thumbhash';
import { resizeRaw } from './decode-picture.ts';
import type { PixelMemory } from './pixels/pixel-memory.ts';
import { sizeWithin } from './plan-outputs.ts';
import { sharpOfRaw, type RawPicture } from './raw-picture.ts';

/** The hash stores only a few low frequencies: more pixels would only make it slower. */
const side = 64;

/** A placeholder of about 25 bytes that a script draws, as base64: smaller than any data URL, and it includes the proportions. */
export async function makeThumbHash(picture: RawPicture, memory: PixelMemory): Promise<string> {
  const small = await resizeRaw(picture, sizeWithin(picture, side), memory);
  const rgba = await sharpOfRaw(small).ensureAlpha().raw().toBuffer();
  return Buffer.from(rgbaToThumbHash(small.width, small.height, rgba)).toString('base64');
}
