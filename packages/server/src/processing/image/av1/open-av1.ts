import { brotliDecompressSync } from 'node:zlib';
import { SafelightError } from '../../../lib/errors.ts';
import { corruptMedia } from '../../../filetypes/corrupt-media.ts';

/** The exports of wasm/dav1d/decoder.c; addresses are in the bytes of `memory`. */
type Dav1d = {
  memory: WebAssembly.Memory;
  _initialize(): void;
  allocate(bytes: number): number;
  release(at: number): void;
  open(mostPixels: number): number;
  close(decoder: number): void;
  give(decoder: number, at: number, length: number): number;
  take(decoder: number): number;
  factsOf(decoder: number): number;
};

/** A decoded frame. Its planes lie in the decoder's memory and are gone with the next frame. */
export type Av1Frame = {
  width: number;
  height: number;
  /** Grey, or chroma with sides half as long, columns half as many, or as many as luma. */
  layout: 'grey' | '4:2:0' | '4:2:2' | '4:4:4';
  depth: 8 | 10 | 12;
  /** Rows of one or two bytes per sample; `stride` is in bytes. */
  planes: { data: Uint8Array; stride: number; width: number; height: number }[];
  matrix: number;
  isFullRange: boolean;
};

export type Av1Decoder = { decode(bytes: Uint8Array): Av1Frame; close(): void };

const layouts = ['grey', '4:2:0', '4:2:2', '4:4:4'] as const;
const needsMemory = -2;
const isThere = 1;

let compiled: WebAssembly.Module | undefined;
const idle: Dav1d[] = [];

/**
 * A decoder for one sequence of AV1 frames, each at most `mostPixels` large. Synchronous, and its memory, like all of WebAssembly, never shrinks: only
 * for a process of its own. `decode` gets the bytes of one frame after another and throws `corrupt_media` for a damaged one, `resource_limit` without
 * memory.
 */
export async function openAv1(mostPixels: number): Promise<Av1Decoder> {
  const dav1d = idle.pop() ?? (await instantiate());
  const decoder = dav1d.open(mostPixels);
  if (decoder === 0) throw outOfMemory();
  let isSound = true;
  return {
    decode(bytes) {
      try {
        give(dav1d, decoder, bytes);
        if (take(dav1d, decoder) !== isThere) throw corruptMedia('one of its frames shows nothing');
        return frameOf(dav1d, decoder);
      } catch (cause) {
        if (cause instanceof SafelightError) throw cause;
        // A trap leaves the module in the middle of something.
        isSound = false;
        throw corruptMedia('one of its frames breaks its decoder', cause);
      }
    },
    close() {
      if (!isSound) return;
      dav1d.close(decoder);
      idle.push(dav1d);
    },
  };
}

async function instantiate(): Promise<Dav1d> {
  // Loaded for the first sequence: most pictures are none.
  const { dav1dWasm } = await import('./dav1d-wasm.ts');
  compiled ??= new WebAssembly.Module(brotliDecompressSync(Buffer.from(dav1dWasm, 'base64')));
  const dav1d = new WebAssembly.Instance(compiled).exports as Dav1d;
  dav1d._initialize();
  return dav1d;
}

function give(dav1d: Dav1d, decoder: number, bytes: Uint8Array): void {
  const at = dav1d.allocate(bytes.length);
  if (at === 0) throw outOfMemory();
  new Uint8Array(dav1d.memory.buffer, at, bytes.length).set(bytes);
  const given = dav1d.give(decoder, at, bytes.length);
  dav1d.release(at);
  if (given !== isThere) throw outOfMemory();
}

function take(dav1d: Dav1d, decoder: number): number {
  const taken = dav1d.take(decoder);
  if (taken === needsMemory) throw outOfMemory();
  if (taken < 0) throw corruptMedia('one of its frames cannot be decoded');
  return taken;
}

function frameOf({ memory, factsOf }: Dav1d, decoder: number): Av1Frame {
  const [width = 0, height = 0, layoutAt = 0, depth = 8, luma = 0, blueness = 0, redness = 0, lumaStride = 0, chromaStride = 0, matrix = 0, range = 0] =
    new Int32Array(memory.buffer, factsOf(decoder), 11);
  const layout = layouts[layoutAt] ?? 'grey';
  const chroma = {
    width: layout === '4:4:4' ? width : (width + 1) >> 1,
    height: layout === '4:2:0' ? (height + 1) >> 1 : height,
    stride: chromaStride,
  };
  const places = [{ at: luma, width, height, stride: lumaStride }, ...(layout === 'grey' ? [] : [blueness, redness].map((at) => ({ at, ...chroma })))];
  const planes = places.map(({ at, ...size }) => ({ ...size, data: new Uint8Array(memory.buffer, at, size.stride * size.height) }));
  return { width, height, layout, depth: depth === 8 || depth === 10 ? depth : 12, planes, matrix, isFullRange: range !== 0 };
}

const outOfMemory = (): SafelightError =>
  new SafelightError('resource_limit', 'The animation needs more memory than its decoder may use. Send it at a smaller size.');
