/** A box of an ISO base media file: its contents run from `start` to `end`. */
export type Box = { type: string; nameAt: number; start: number; end: number };

/** Real pictures nest a handful of boxes in a `meta` box; a file with more than this is not a picture. */
const maxBoxes = 20_000;

export function boxes(bytes: Buffer, from: number, to: number): Box[] {
  const found: Box[] = [];
  const limit = Math.min(to, bytes.length);
  for (let at = from; at + 8 <= limit && found.length < maxBoxes;) {
    let size = bytes.readUInt32BE(at);
    let start = at + 8;
    if (size === 1 && at + 16 <= limit) {
      size = Number(bytes.readBigUInt64BE(at + 8));
      start = at + 16;
    } else if (size === 0) size = limit - at;
    if (size < start - at) break;
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), nameAt: at + 4, start, end: Math.min(at + size, limit) });
    at += size;
  }
  return found;
}

/** The contents of all boxes at the end of a path of box names. */
export function boxesAt(bytes: Buffer, within: Box, path: readonly string[]): Box[] {
  return path.reduce((found, type) => found.flatMap((box) => boxes(bytes, box.start, box.end).filter((inner) => inner.type === type)), [within]);
}
