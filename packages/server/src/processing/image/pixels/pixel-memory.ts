import { pixelsWasm } from './pixels-wasm.ts';

/** The exports of wasm/pixels.ts. Addresses and counts are in bytes and samples of its memory. */
export type Kernels = {
  sumEightRows(source: number, stride: number, samples: number, starts: number, weights: number, taps: number, columns: number, scratch: number): void;
  turnEightRows(source: number, stride: number, samples: number, columns: number): void;
  sumColumnsOfOne(columns: number, starts: number, weights: number, taps: number, count: number, to: number): void;
  sumColumnsOfThree(columns: number, starts: number, weights: number, taps: number, count: number, to: number): void;
  storeRows(columns: number, samples: number, to: number, stride: number, rows: number): void;
  storeColumns(first: number, second: number, count: number, to: number, stride: number): void;
  joinPlanes(
    luma: number,
    blueness: number,
    redness: number,
    count: number,
    to: number,
    black: number,
    forLuma: number,
    redOfRedness: number,
    greenOfRedness: number,
    greenOfBlueness: number,
    blueOfBlueness: number,
  ): void;
  turnPixels(source: number, across: number, down: number, to: number, width: number, height: number, channels: number): void;
  convertColours(at: number, count: number, channels: number, added: number, encode: number, shift: number): void;
};

/**
 * Memory for pixels: two halves, so that a picture in one is resized into the other and back, then room for tables and intermediate rows. The loops
 * read and write a little beyond their data, so each half has some spare bytes.
 */
export type Room = { kernels: Kernels; bytes: ArrayBuffer; halfBytes: number; workAt: number };

/** The memory for one picture through all its sizes; it holds only one at a time. */
export type PixelMemory = { room: Room | null };

const pageBytes = 65_536;
const spareBytes = 64;

let compiled: WebAssembly.Module | undefined;
const idle: PixelMemory[] = [];

/** Lends a memory until `use` has ended; its pixels are gone afterwards. Memory that was used once need not be requested from the system again. */
export async function withPixelMemory<Result>(use: (memory: PixelMemory) => Promise<Result>): Promise<Result> {
  const memory = idle.pop() ?? { room: null };
  try {
    return await use(memory);
  } finally {
    idle.push(memory);
  }
}

/** Makes room for pictures of at most this many bytes, and for this much working memory. Previous contents are lost. */
export function makeRoom(memory: PixelMemory, pictureBytes: number, workBytes: number): Room {
  const halfBytes = aligned(pictureBytes + spareBytes);
  const room = memory.room;
  if (room !== null && 2 * halfBytes + workBytes <= room.bytes.byteLength) {
    memory.room = { ...room, halfBytes, workAt: 2 * halfBytes };
    return memory.room;
  }
  // Released first, so that both are never held at once.
  memory.room = null;
  const pages = Math.ceil((2 * halfBytes + workBytes) / pageBytes);
  const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages });
  compiled ??= new WebAssembly.Module(Buffer.from(pixelsWasm, 'base64'));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory: wasm } });
  memory.room = { kernels: exports as Kernels, bytes: wasm.buffer, halfBytes, workAt: 2 * halfBytes };
  return memory.room;
}

/** Allocates working memory from its start. */
export function workIn(room: Room): { take(bytes: number): number; put(numbers: Int32Array | Int16Array | Uint8Array): number } {
  let next = room.workAt;
  const take = (bytes: number): number => {
    const at = next;
    next = aligned(at + bytes + spareBytes);
    if (next > room.bytes.byteLength) throw new RangeError('There is less room for work on pixels than was thought.');
    return at;
  };
  return {
    take,
    put(numbers) {
      const at = take(numbers.byteLength);
      new Uint8Array(room.bytes, at, numbers.byteLength).set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
      return at;
    },
  };
}

const aligned = (bytes: number): number => Math.ceil(bytes / spareBytes) * spareBytes;
