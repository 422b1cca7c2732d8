/** Small, fast and the same everywhere: the nth case of a seed is the same file on every machine. */
export function randomOf(seed: number, nth: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(nth + 1, 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Numbers that confuse parsers: signs, limits, off by one. */
const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** A damaged copy of `source` with one to six faults of the kinds that broken disks, broken programs and attackers cause. `other` lends pieces. */
export function mutate(source: Buffer, other: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(source);
  const upTo = (n: number): number => Math.floor(random() * n);
  // Headers matter most, so half of the faults are in them.
  const place = (): number => (random() < 0.5 ? upTo(Math.min(bytes.length, 600)) : upTo(bytes.length));
  // Usually one: if there are many, the first check catches them.
  const faults = 1 + Math.floor(random() ** 2 * 6);
  for (let i = 0; i < faults && bytes.length > 16; i++) {
    const at = place();
    switch (upTo(9)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << upTo(8));
        break;
      case 1:
        bytes[at] = upTo(256);
        break;
      case 2: {
        const value = extremes[upTo(extremes.length)] ?? 0;
        const size = [1, 2, 4][upTo(3)] ?? 1;
        if (at + size <= bytes.length) bytes.writeUIntBE(value % 256 ** size, at, size);
        break;
      }
      case 3: {
        const value = extremes[upTo(extremes.length)] ?? 0;
        if (at + 4 <= bytes.length) bytes.writeUInt32LE(value, at);
        break;
      }
      case 4:
        bytes = bytes.subarray(0, Math.max(16, at));
        break;
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + upTo(64))]);
        break;
      case 6: {
        const piece = bytes.subarray(at, at + 1 + upTo(512));
        const target = place();
        bytes = Buffer.concat([bytes.subarray(0, target), piece, bytes.subarray(target)]);
        break;
      }
      case 7: {
        const from = upTo(other.length);
        other.copy(bytes, at, from, from + 1 + upTo(256));
        break;
      }
      default:
        bytes.fill(random() < 0.5 ? 0 : 0xff, at, Math.min(bytes.length, at + 1 + upTo(128)));
    }
  }
  return bytes;
}
