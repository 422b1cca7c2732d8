import type { Orientation } from '../../../filetypes/headers/image-header.ts';
import type { RawPicture } from '../raw-picture.ts';
import { makeRoom, workIn, type PixelMemory } from './pixel-memory.ts';
import { mirrored, planAxis } from './plan-axis.ts';
import { letGo, workBytesFor } from './resize-pixels.ts';
import { howItLies } from './turn-pixels.ts';

/**
 * Reduces the width of an opaque picture and turns it upright: libvips has reduced its height while decoding, the half of a resize that it does fast.
 * Rows pass through the memory sixteen at a time, so that only the result takes room there; previous contents, and the picture, are gone.
 */
export function reduceColumns(memory: PixelMemory, picture: RawPicture, width: number, orientation: Orientation): RawPicture {
  const { height } = picture;
  const { isOnItsSide, fromRight, fromBottom } = howItLies(orientation);
  const size = isOnItsSide ? { width: height, height: width } : { width, height };
  const room = makeRoom(memory, width * height * 3, workBytesFor(picture));
  const { kernels } = room;
  const work = workIn(room);
  const upright = planAxis(picture.width, width);
  const plan = fromRight ? mirrored(upright, width) : upright;
  const starts = work.put(plan.starts);
  const weights = work.put(plan.weights);
  const columns = work.take(16 * (picture.width * 3 + 16));
  const lineBytes = 16 * (width * 3 + 16);
  const lines = work.take(2 * lineBytes);
  const bytesPerRow = picture.width * 3;
  const bandAt = work.take(8 * bytesPerRow);
  const band = new Uint8Array(room.bytes, bandAt, 8 * bytesPerRow);

  // A group of fewer than sixteen comes first, so that what it writes beyond its end is overwritten.
  for (let row = 0, rows = height % 16 || 16; row < height; row += rows, rows = 16) {
    for (let from = 0; from < rows; from += 8) {
      const line = lines + (from / 8) * lineBytes;
      const count = Math.min(8, rows - from);
      const top = fromBottom ? height - row - from - count : row + from;
      band.set(picture.data.subarray(top * bytesPerRow, (top + count) * bytesPerRow));
      if (fromBottom) kernels.turnEightRows(bandAt + (count - 1) * bytesPerRow, -bytesPerRow, bytesPerRow, columns);
      else kernels.turnEightRows(bandAt, bytesPerRow, bytesPerRow, columns);
      kernels.sumColumnsOfThree(columns, starts, weights, plan.taps, width, line);
      if (!isOnItsSide) kernels.storeRows(line, width * 3, (row + from) * width * 3, width * 3, count);
    }
    if (isOnItsSide) kernels.storeColumns(lines, lines + lineBytes, width, row * 3, height * 3);
  }
  letGo(picture);
  return { data: Buffer.from(room.bytes, 0, width * height * 3), ...size, channels: 3 };
}
