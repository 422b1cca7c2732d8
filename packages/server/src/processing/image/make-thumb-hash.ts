import { rgbaToThumbHash } from 'thumbhash';
import { resizeRaw } from './decode-picture.ts';
import type { PixelMemory } from './pixels/pixel-memory.ts';
import { sizeWithin } from './plan-outputs.ts';
import { sharpOfRaw, type RawPicture } from './raw-picture.ts';

/** What is kept are a few waves over the picture: more pixels than these only make the same hash slower. */
const side = 64;

/** A placeholder of about 25 bytes that a script draws, as base64: smaller than any data URL, and with the proportions in it. */
export async function makeThumbHash(picture: RawPicture, memory: PixelMemory): Promise<string> {
  const small = await resizeRaw(picture, sizeWithin(picture, side), memory);
  const rgba = await sharpOfRaw(small).ensureAlpha().raw().toBuffer();
  return Buffer.from(rgbaToThumbHash(small.width, small.height, rgba)).toString('base64');
}
