import type { Orientation } from '../../../filetypes/headers/image-header.ts';
import type { RawPicture } from '../raw-picture.ts';
import type { PixelMemory } from './pixel-memory.ts';
import { bringIn } from './resize-pixels.ts';

/** Whether rows of the file are columns of the upright picture, and whether columns and rows run from their end. */
export const howItLies = (orientation: Orientation): { isOnItsSide: boolean; fromRight: boolean; fromBottom: boolean } => ({
  isOnItsSide: orientation >= 5,
  fromRight: [2, 3, 7, 8].includes(orientation),
  fromBottom: [3, 4, 6, 7].includes(orientation),
});

/** Turns a picture upright according to its EXIF orientation; the result lies in the other half of the memory. */
export function turnPixels(memory: PixelMemory, picture: RawPicture, orientation: Orientation): RawPicture {
  if (orientation === 1) return picture;
  const { room, at } = bringIn(memory, picture);
  const { width, height, channels } = picture;
  const to = at < room.halfBytes ? room.halfBytes : 0;
  const [pixel, row] = [channels, width * channels];
  const { isOnItsSide, fromRight, fromBottom } = howItLies(orientation);
  const first = (fromRight ? (width - 1) * pixel : 0) + (fromBottom ? (height - 1) * row : 0);
  const toNextColumn = fromRight ? -pixel : pixel;
  const toNextRow = fromBottom ? -row : row;
  const [across, down] = isOnItsSide ? [toNextRow, toNextColumn] : [toNextColumn, toNextRow];
  const size = isOnItsSide ? { width: height, height: width } : { width, height };
  room.kernels.turnPixels(at + first, across, down, to, size.width, size.height, channels);
  return { data: Buffer.from(room.bytes, to, width * height * channels), ...size, channels };
}
