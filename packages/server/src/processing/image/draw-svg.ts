import sharp from 'sharp';
import type { ImageHeader } from '../../filetypes/headers/image-header.ts';
import type { Size } from './plan-outputs.ts';
import { toRawPicture, type RawPicture } from './raw-picture.ts';

/** Dots per inch at which a drawing has its declared size. */
const statedDensity = 72;

/** The density that gives the wanted width. */
const densityFor = (header: ImageHeader, target: Size): number =>
  Math.min(100_000, Math.max(1, (statedDensity * target.width) / Math.max(1, header.storedWidth)));

/** Draws at the wanted size: a drawing has no pixels to resize. librsvg ignores its scripts, files and addresses. */
export async function drawSvg(bytes: Buffer, header: ImageHeader, target: Size): Promise<RawPicture> {
  const drawn = sharp(bytes, { density: densityFor(header, target), failOn: 'error', limitInputPixels: 4 * target.width * target.height + 1e6 });
  return await toRawPicture(drawn.resize({ ...target, fit: 'fill' }).toColourspace('srgb'));
}
