import sharp, { type Sharp } from 'sharp';

/** Decoded pixels: rows of 8-bit RGB or RGBA without padding. */
export type RawPicture = { data: Buffer; width: number; height: number; channels: 3 | 4 };

/** libvips on decoded pixels; it reads the buffer in place, which must not change until the result is there. */
export function sharpOfRaw(picture: RawPicture): Sharp {
  const { width, height, channels } = picture;
  return sharp(picture.data, { raw: { width, height, channels }, limitInputPixels: false });
}

export async function toRawPicture(pipeline: Sharp): Promise<RawPicture> {
  const { data, info } = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 3 && info.channels !== 4) throw new Error(`The decoder gave ${info.channels} channels where 3 or 4 were asked for.`);
  return { data, width: info.width, height: info.height, channels: info.channels };
}
