import type { Size } from '../plan-outputs.ts';
import type { RawPicture } from '../raw-picture.ts';
import { makeRoom, workIn, type PixelMemory, type Room } from './pixel-memory.ts';
import { maxReduction, planAxis } from './plan-axis.ts';

/** What the loops can do: opaque pictures, made smaller but not by a whole order at once. */
export const canResize = (picture: Size & { channels: 3 | 4 }, target: Size): boolean =>
  picture.channels === 3 && isReachable(picture.width, target.width) && isReachable(picture.height, target.height);

const isReachable = (from: number, to: number): boolean => to <= from && from <= to * maxReduction;

/**
 * One step down the cascade by Lanczos 2, with eight bits in and out and more between. The result lies in the half of the memory in which the
 * picture does not lie, so it stays until the next picture but one is made of it.
 */
export function resizePixels(memory: PixelMemory, picture: RawPicture, target: Size): RawPicture {
  const { room, at } = bringIn(memory, picture);
  const to = at < room.halfBytes ? room.halfBytes : 0;
  const rowsOf = rowResizer(room, { at, ...picture }, target);
  for (let row = 0; row < target.height; row += 8) rowsOf(row, to + row * target.width * 3);
  return { data: Buffer.from(room.bytes, to, target.width * target.height * 3), ...target, channels: 3 };
}

/** Where a picture lies in the memory; one that lies elsewhere is copied into it, and whatever was there is gone. */
export function bringIn(memory: PixelMemory, picture: RawPicture): { room: Room; at: number } {
  const { data } = picture;
  if (memory.room !== null && data.buffer === memory.room.bytes) return { room: memory.room, at: data.byteOffset };
  const room = makeRoom(memory, data.length, workBytesFor(picture));
  new Uint8Array(room.bytes, 0, data.length).set(data);
  return { room, at: 0 };
}

/** Moves a picture into the memory. What it took elsewhere is given back at once: the collector would leave it for long. */
export function moveIn(memory: PixelMemory, picture: RawPicture): RawPicture {
  const { room, at } = bringIn(memory, picture);
  const bytes = picture.data.byteLength;
  if (picture.data.buffer !== room.bytes) letGo(picture);
  return { ...picture, data: Buffer.from(room.bytes, at, bytes) };
}

/** Gives back what a picture took, if nothing else is in it. */
export function letGo({ data: { buffer, byteLength } }: RawPicture): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** Enough for every step down from a picture of this size: rows under way, weights, and the tables of a colour conversion. */
export const workBytesFor = ({ width, height }: Size): number => 256 * width + 32 * height + 131_072;

/** Samples that lie side by side: of one plane, or three to a pixel. */
type Samples = Size & { at: number; channels: 1 | 3 | 4; stride?: number };

/** Prepares a resize; what it answers makes the eight rows from `row` on, or as many as there are, at an address. */
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
