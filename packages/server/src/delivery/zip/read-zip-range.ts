import type { Readable } from 'node:stream';

import type { ByteRange } from '../range.ts';
import type { ZipPlan } from './plan-zip.ts';

/** Opens a range of a file of the archive; throws when the file is missing. */
export type OpenFile = (index: number, range: ByteRange) => Promise<Readable>;

/**
 * The bytes of an archive between two positions, both included. One file is open at a time. A missing or short file ends the stream with an error, so
 * that a partial archive never looks complete.
 */
export async function* readZipRange({ pieces }: ZipPlan, { start, end }: ByteRange, openFile: OpenFile): AsyncGenerator<Buffer, void> {
  for (const { at, length, content } of pieces) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, length - 1);
    if (to < from) continue;
    if (Buffer.isBuffer(content)) {
      yield content.subarray(from, to + 1);
      continue;
    }
    let left = to - from + 1;
    const body = await openFile(content, { start: from, end: to });
    // If the reader disconnects, the loop ends early and closes the file.
    for await (const chunk of body as AsyncIterable<Buffer>) {
      left -= chunk.length;
      yield chunk;
    }
    if (left !== 0) throw new Error(`a file of the archive came with ${left} bytes less than it has`);
  }
}

/** How much of a file of the archive lies in a range of it. */
export function bytesOfFile({ pieces }: ZipPlan, index: number, { start, end }: ByteRange): { from: number; to: number } {
  const piece = pieces.find(({ content }) => content === index);
  if (piece === undefined) return { from: 0, to: 0 };
  const from = Math.max(start, piece.at);
  const to = Math.min(end + 1, piece.at + piece.length);
  return to <= from ? { from: 0, to: 0 } : { from: from - start, to: to - start };
}
