import type { Orientation } from '../headers/image-header.ts';
import type { RawPicture } from '../raw-picture.ts';
import type { PixelMemory } from './pixel-memory.ts';
import { bringIn } from './resize-pixels.ts';

/** Makes a picture upright that lies in its file as EXIF's orientation says; the result lies in the other half of the memory. */
export function turnPixels(memory: PixelMemory, picture: RawPicture, orientation: Orientation): RawPicture {
  if (orientation === 1) return picture;
  const { room, at } = bringIn(memory, picture);
  const { width, height, channels } = picture;
  const to = at < room.halfBytes ? room.halfBytes : 0;
  const [pixel, row] = [channels, width * channels];
  const [right, bottom] = [(width - 1) * pixel, (height - 1) * row];
  // Which pixel of the file comes first, and where from there those for the next column and the next row lie.
  const orders: Record<Orientation, readonly [first: number, across: number, down: number]> = {
    1: [0, pixel, row],
    2: [right, -pixel, row],
    3: [right + bottom, -pixel, -row],
    4: [bottom, pixel, -row],
    5: [0, row, pixel],
    6: [bottom, -row, pixel],
    7: [right + bottom, -row, -pixel],
    8: [right, row, -pixel],
  };
  const [first, across, down] = orders[orientation];
  const size = orientation >= 5 ? { width: height, height: width } : { width, height };
  room.kernels.turnPixels(at + first, across, down, to, size.width, size.height, channels);
  return { data: Buffer.from(room.bytes, to, width * height * channels), ...size, channels };
}
