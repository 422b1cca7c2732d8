import { boxesAt, type Box } from './iso-boxes.ts';

/** How many pictures the longest track of a sequence has: the picture's and its transparency's are tracks of their own. */
export function countSamples(bytes: Buffer, moov: Box): number {
  const sizes = boxesAt(bytes, moov, ['trak', 'mdia', 'minf', 'stbl', 'stsz']);
  return Math.max(1, ...sizes.map((box) => (box.start + 12 <= box.end ? bytes.readUInt32BE(box.start + 8) : 1)));
}
