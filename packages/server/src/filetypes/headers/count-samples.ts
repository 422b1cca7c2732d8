import { boxesAt, type Box } from './iso-boxes.ts';

/** The number of pictures in the longest track of a sequence: colour and transparency are separate tracks. */
export function countSamples(bytes: Buffer, moov: Box): number {
  const sizes = boxesAt(bytes, moov, ['trak', 'mdia', 'minf', 'stbl', 'stsz']);
  return Math.max(1, ...sizes.map((box) => (box.start + 12 <= box.end ? bytes.readUInt32BE(box.start + 8) : 1)));
}
