import sharp from 'sharp';
import type { ImageHeader } from '../../filetypes/headers/image-header.ts';
import type { Size } from './plan-outputs.ts';
import { toRawPicture, type RawPicture } from './raw-picture.ts';

/** Dots per inch at which a drawing comes out in the size that it states. */
const statedDensity = 72;

/** The density at which it comes out as wide as wanted. */
const densityFor = (header: ImageHeader, target: Size): number =>
  Math.min(100_000, Math.max(1, (statedDensity * target.width) / Math.max(1, header.storedWidth)));

/** Draws it anew at the size that is wanted: a drawing has no pixels that could be resized. Scripts, files and addresses in it are nothing to librsvg. */
export async function drawSvg(bytes: Buffer, header: ImageHeader, target: Size): Promise<RawPicture> {
  const drawn = sharp(bytes, { density: densityFor(header, target), failOn: 'error', limitInputPixels: 4 * target.width * target.height + 1e6 });
  return await toRawPicture(drawn.resize({ ...target, fit: 'fill' }).toColourspace('srgb'));
}
