import type { Size } from '../plan-outputs.ts';
import type { RawPicture } from '../raw-picture.ts';
import { makeRoom, workIn, type PixelMemory, type Room } from './pixel-memory.ts';
import { maxReduction, planAxis } from './plan-axis.ts';

/** The loops handle opaque pictures and reductions up to a factor. */
export const canResize = (picture: Size & { channels: 3 | 4 }, target: Size): boolean =>
  picture.channels === 3 && isReachable(picture.width, target.width) && isReachable(picture.height, target.height);

const isReachable = (from: number, to: number): boolean => to <= from && from <= to * maxReduction;

/**
 * One step down the cascade with Lanczos 2, eight bits in and out and more in between. The result lies in the other half of the memory than the
 * picture, so it stays until the next but one picture is made from it.
 */
export function resizePixels(memory: PixelMemory, picture: RawPicture, target: Size): RawPicture {
  const { room, at } = bringIn(memory, picture);
  const to = at < room.halfBytes ? room.halfBytes : 0;
  const rowsOf = rowResizer(room, { at, ...picture }, target);
  for (let row = 0; row < target.height; row += 8) rowsOf(row, to + row * target.width * 3);
  return { data: Buffer.from(room.bytes, to, target.width * target.height * 3), ...target, channels: 3 };
}

/** The place of a picture in the memory; a picture that lies elsewhere is copied in, and previous contents are lost. */
export function bringIn(memory: PixelMemory, picture: RawPicture): { room: Room; at: number } {
  const { data } = picture;
  if (memory.room !== null && data.buffer === memory.room.bytes) return { room: memory.room, at: data.byteOffset };
  const room = makeRoom(memory, data.length, workBytesFor(picture));
  new Uint8Array(room.bytes, 0, data.length).set(data);
  return { room, at: 0 };
}

/** Moves a picture into the memory and frees its old memory at once: the garbage collector would keep it for long. */
export function moveIn(memory: PixelMemory, picture: RawPicture): RawPicture {
  const { room, at } = bringIn(memory, picture);
  const bytes = picture.data.byteLength;
  if (picture.data.buffer !== room.bytes) letGo(picture);
  return { ...picture, data: Buffer.from(room.bytes, at, bytes) };
}

/** Frees the memory of a picture, if it holds nothing else. */
export function letGo({ data: { buffer, byteLength } }: RawPicture): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** Enough for every step down from a picture of this size: intermediate rows, weights, and the tables of a colour conversion. */
export const workBytesFor = ({ width, height }: Size): number => 256 * width + 32 * height + 131_072;

/** Interleaved samples: one plane, or several channels per pixel. */
type Samples = Size & { at: number; channels: 1 | 3 | 4; stride?: number };

/** Prepares a resize; the returned function writes eight rows from `row` on, or as many as remain, to an address. */
export function rowResizer(room: Room, source: Samples, target: Size, work = workIn(room)): (row: number, to: number) => void {
  const { kernels } = room;
  const channels = source.channels;
  const [across, down] = [planAxis(source.width, target.width), planAxis(source.height, target.height)];
  const columnStarts = work.put(across.starts);
  const columnWeights = work.put(across.weights);
  const rowStarts = work.put(down.starts);
  const rowWeights = work.put(down.weights);
  const columns = work.take(16 * (source.width * channels + 16));
  const line = work.take(16 * (target.width * channels + 16));
  const sumColumns = channels === 1 ? kernels.sumColumnsOfOne : kernels.sumColumnsOfThree;
  const stride = source.stride ?? source.width * channels;
  return (row, to) => {
    kernels.sumEightRows(source.at, stride, source.width * channels, rowStarts + 4 * row, rowWeights + 2 * down.taps * row, down.taps, columns, line);
    sumColumns(columns, columnStarts, columnWeights, across.taps, target.width, line);
    kernels.storeRows(line, target.width * channels, to, target.width * channels, Math.min(8, target.height - row));
  };
}
