import { corruptMedia } from '../corrupt-media.ts';
import { boxesAt, type Box } from './iso-boxes.ts';

/** The bytes of one frame of a track. */
export type Sample = { offset: number; length: number };

/**
 * Where the frames of a track lie, from the tables in its `stbl` box; null if there are none, or more than `most`. Throws `corrupt_media` if the file
 * ends before one of them, or in its tables.
 */
export function readSamples(bytes: Buffer, table: Box, most: number): Sample[] | null {
  const find = (type: string): Box | undefined => boxesAt(bytes, table, [type])[0];
  const [sizes, chunks, narrow, wide] = [find('stsz'), find('stsc'), find('stco'), find('co64')];
  const offsets = narrow ?? wide;
  if (sizes === undefined || chunks === undefined || offsets === undefined) return null;
  const [usualSize, count] = [bytes.readUInt32BE(sizes.start + 4), bytes.readUInt32BE(sizes.start + 8)];
  if (count === 0 || count > most) return null;
  if (usualSize === 0) assertHolds(sizes, 12 + 4 * count);
  const offsetBytes = narrow === undefined ? 8 : 4;
  const chunkCount = bytes.readUInt32BE(offsets.start + 4);
  assertHolds(offsets, 8 + offsetBytes * chunkCount);
  const runs = bytes.readUInt32BE(chunks.start + 4);
  assertHolds(chunks, 8 + 12 * runs);

  const samples: Sample[] = [];
  let run = -1;
  for (let chunk = 0; chunk < chunkCount && samples.length < count; chunk++) {
    // Chunks are counted from one; a run lasts until the next one begins.
    while (run + 1 < runs && bytes.readUInt32BE(chunks.start + 8 + 12 * (run + 1)) <= chunk + 1) run++;
    const inChunk = run < 0 ? 0 : bytes.readUInt32BE(chunks.start + 12 + 12 * run);
    const at = offsets.start + 8 + offsetBytes * chunk;
    let offset = offsetBytes === 4 ? bytes.readUInt32BE(at) : Number(bytes.readBigUInt64BE(at));
    for (let i = 0; i < inChunk && samples.length < count; i++) {
      const length = usualSize > 0 ? usualSize : bytes.readUInt32BE(sizes.start + 12 + 4 * samples.length);
      if (length === 0) throw corruptMedia('one of its frames has no bytes');
      if (offset + length > bytes.length) throw corruptMedia('it ends before the last of its frames');
      samples.push({ offset, length });
      offset += length;
    }
  }
  if (samples.length < count) throw corruptMedia('it does not say where all of its frames lie');
  return samples;
}

function assertHolds({ start, end }: Box, length: number): void {
  if (start + length > end) throw corruptMedia('it ends in the table of its frames');
}
