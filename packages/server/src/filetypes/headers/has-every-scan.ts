const startOfScan = Buffer.from([0xff, 0xda]);
const coefficients = 64;

/**
 * Whether the scans of a JPEG, the last of which may be cut off, cover every coefficient of every channel to its last bit. A progressive file that
 * ends between two scans looks complete to its decoder, and is only blurred or colourless.
 */
export function hasEveryScan(bytes: Buffer, channels: number): boolean {
  const told = new Map<number, Set<number>>();
  for (let at = firstScan(bytes); at >= 0; at = bytes.indexOf(startOfScan, at + 2)) {
    const count = bytes[at + 4] ?? 0;
    const band = at + 5 + 2 * count;
    if (band + 3 > bytes.length) break;
    const [from, to] = [bytes[band] ?? 0, Math.min(coefficients - 1, bytes[band + 1] ?? 0)];
    const bitsLeft = (bytes[band + 2] ?? 0) & 15;
    if (bitsLeft > 0) continue;
    for (let i = 0; i < count; i++) {
      const channel = bytes[at + 5 + 2 * i] ?? 0;
      const own = told.get(channel) ?? new Set();
      for (let coefficient = from; coefficient <= to; coefficient++) own.add(coefficient);
      told.set(channel, own);
    }
  }
  return told.size >= channels && [...told.values()].every((own) => own.size === coefficients);
}

/** Steps over segments: the thumbnail in a camera's notes has scans of its own. */
function firstScan(bytes: Buffer): number {
  for (let at = 2; at >= 0 && at + 4 <= bytes.length;) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] === 0xff && marker === 0xda) return at;
    const standsAlone = bytes[at] !== 0xff || marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at = standsAlone ? bytes.indexOf(0xff, at + 1) : at + 2 + Math.max(2, bytes.readUInt16BE(at + 2));
  }
  return -1;
}
