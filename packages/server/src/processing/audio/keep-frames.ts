import { createReadStream, createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/**
 * Removes from a copied MP3 whatever is not a frame of sound. In MP3s that were joined, or have tags at their end, the tags lie between the frames,
 * and ffmpeg copies them along: titles, places, pictures.
 */
export async function keepFrames(path: string, signal: AbortSignal): Promise<void> {
  const kept = `${path}.kept`;
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), framesOf, createWriteStream(kept), { signal });
  await rename(kept, path);
}

async function* framesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const { frames, end } = takeFrames(bytes, { isEnd: false });
    yield* frames;
    rest = bytes.subarray(end);
  }
  yield* takeFrames(rest, { isEnd: true }).frames;
}

/** Runs of frames as they lie in the bytes, up to where more bytes have to be seen. */
function takeFrames(bytes: Buffer, { isEnd }: { isEnd: boolean }): { frames: Buffer[]; end: number } {
  const frames: Buffer[] = [];
  let [begin, at] = [0, 0];
  const close = (next: number): void => {
    if (at > begin) frames.push(bytes.subarray(begin, at));
    [begin, at] = [next, next];
  };
  while (at + headerBytes <= bytes.length) {
    const length = frameLength(bytes, at);
    const next = at + (length ?? 0);
    if (next + headerBytes > bytes.length && !isEnd) break;
    // A frame counts if another one, or the end, follows: one that was cut short would reach into the tag behind it.
    const isFrame = length !== null && (next === bytes.length || isAlike(bytes, at, next));
    if (isFrame) at = next;
    else close(nextSync(bytes, at + 1));
  }
  const end = at;
  close(at);
  return { frames, end };
}

const headerBytes = 4;

function nextSync(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(0xff, from);
  return found < 0 ? bytes.length : found;
}

/** Version, layer and sampling rate are the same in all frames of a recording. */
const isAlike = (bytes: Buffer, one: number, other: number): boolean =>
  other + headerBytes <= bytes.length && frameLength(bytes, other) !== null && ((bytes.readUInt32BE(one) ^ bytes.readUInt32BE(other)) & 0x00_1e_0c_00) === 0;

/** Of layer III, in kbit/s, by the header's number: MPEG-1, and MPEG-2 with 2.5. */
const bitrates = {
  full: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  half: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const samplingRates = [44_100, 48_000, 32_000];

/** The length in bytes of the layer III frame whose header is here; null if none is. */
function frameLength(bytes: Buffer, at: number): number | null {
  const header = bytes.readUInt32BE(at);
  const [version, layer, bitrate, rate] = [(header >>> 19) & 3, (header >>> 17) & 3, (header >>> 12) & 15, (header >>> 10) & 3];
  if (header >>> 21 !== 0x7_ff || version === 1 || layer !== 1) return null;
  const isFull = version === 3;
  const bits = (isFull ? bitrates.full : bitrates.half)[bitrate];
  const hertz = samplingRates[rate];
  if (!bits || hertz === undefined) return null;
  const slowdown = version === 3 ? 1 : version === 2 ? 2 : 4;
  return Math.floor(((isFull ? 144_000 : 72_000) * bits) / (hertz / slowdown)) + ((header >>> 9) & 1);
}
