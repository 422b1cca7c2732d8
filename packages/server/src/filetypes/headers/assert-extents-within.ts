import { corruptMedia } from '../corrupt-media.ts';
import type { Box } from './iso-boxes.ts';

/**
 * Refuses a file that ends before the coded data of one of `items`, according to its `iloc` box. Data inside other items or in the `meta` box itself
 * is left to the decoder, and so is a box that ends within an entry.
 */
export function assertExtentsWithin(bytes: Buffer, iloc: Box | undefined, items: ReadonlySet<number>): void {
  if (iloc === undefined) throw corruptMedia('it does not say where its picture lies');
  const version = bytes.readUInt8(iloc.start);
  const sizes = bytes.readUInt16BE(iloc.start + 4);
  const [offsetSize, lengthSize, baseSize, indexSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15, version === 0 ? 0 : sizes & 15];
  let at = iloc.start + 6;
  const next = (size: number): number => {
    let value = 0;
    for (const end = at + size; at < end; at++) value = value * 256 + bytes.readUInt8(at);
    return value;
  };
  const idSize = version < 2 ? 2 : 4;
  const count = next(idSize);
  for (let entry = 0; entry < count && at < iloc.end; entry++) {
    const item = next(idSize);
    const method = version === 0 ? 0 : next(2) & 15;
    next(2);
    const base = next(baseSize);
    const extents = next(2);
    for (let extent = 0; extent < extents && at < iloc.end; extent++) {
      next(indexSize);
      const offset = base + next(offsetSize);
      const length = next(lengthSize);
      if (method === 0 && items.has(item) && offset + length > bytes.length) throw corruptMedia('it ends before the last of its pixels');
    }
  }
}
