/** The picture format in the parameter set of an H.264 stream, which a decoder obeys, whatever the container says. */
export type PictureFormat = {
  width: number;
  height: number;
  /** 1: one colour sample per four pixels (4:2:0). */
  chroma: number;
  bits: number;
  isSquare: boolean;
  /** A code point of ITU-T H.273; 2 when unspecified. */
  transfer: number;
};

/** Profiles that declare their colour format; all others use 4:2:0 with 8 bits. */
const saysColours = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const unsaid = 2;

/** Reads a sequence parameter set (ITU-T H.264, 7.3.2.1.1) with its one-byte header. Throws when it ends too early. */
export function readSps(nal: Buffer): PictureFormat {
  const bits = readBits(withoutEscapes(nal.subarray(1)));
  const profile = bits.u(8);
  bits.u(16);
  bits.ue();
  const colours = saysColours.has(profile) ? readColours(bits) : { chroma: 1, bits: 8 };
  bits.ue();
  skipOrder(bits);
  bits.ue();
  bits.u(1);
  const across = (bits.ue() + 1) * 16;
  const rows = bits.ue() + 1;
  const fields = 2 - bits.u(1);
  if (fields === 2) bits.u(1);
  bits.u(1);
  const crop = bits.u(1) === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const stepX = colours.chroma === 1 || colours.chroma === 2 ? 2 : 1;
  const stepY = (colours.chroma === 1 ? 2 : 1) * fields;
  const size = { width: across - (left + right) * stepX, height: rows * 16 * fields - (top + bottom) * stepY };
  return { ...size, ...colours, ...(bits.u(1) === 1 ? readUse(bits) : { isSquare: true, transfer: unsaid }) };
}

function readColours(bits: Bits): { chroma: number; bits: number } {
  const chroma = bits.ue();
  if (chroma === 3) bits.u(1);
  const depth = Math.max(bits.ue(), bits.ue()) + 8;
  bits.u(1);
  if (bits.u(1) === 1) for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) if (bits.u(1) === 1) skipScaling(bits, list < 6 ? 16 : 64);
  return { chroma, bits: depth };
}

function skipScaling(bits: Bits, length: number): void {
  let [last, next] = [8, 8];
  for (let at = 0; at < length; at++) {
    if (next !== 0) next = (last + bits.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function skipOrder(bits: Bits): void {
  const type = bits.ue();
  if (type === 0) bits.ue();
  if (type !== 1) return;
  bits.u(1);
  bits.se();
  bits.se();
  for (let left = Math.min(255, bits.ue()); left > 0; left--) bits.se();
}

/** Reads the display parameters that are needed here, and no further. */
function readUse(bits: Bits): { isSquare: boolean; transfer: number } {
  let isSquare = true;
  if (bits.u(1) === 1) {
    const ratio = bits.u(8);
    isSquare = ratio === 0 || ratio === 1 || (ratio === 255 && bits.u(16) === bits.u(16));
  }
  if (bits.u(1) === 1) bits.u(1);
  if (bits.u(1) === 0) return { isSquare, transfer: unsaid };
  bits.u(4);
  if (bits.u(1) === 0) return { isSquare, transfer: unsaid };
  bits.u(8);
  return { isSquare, transfer: bits.u(8) };
}

/** Removes the escape byte from sequences that would look like the start of a unit. */
function withoutEscapes(bytes: Buffer): Buffer {
  return Buffer.from(bytes.filter((byte, at) => !(byte === 3 && at >= 2 && bytes[at - 1] === 0 && bytes[at - 2] === 0)));
}

type Bits = { u(count: number): number; ue(): number; se(): number };

function readBits(bytes: Buffer): Bits {
  let at = 0;
  const bit = (): number => {
    const byte = bytes[at >> 3];
    if (byte === undefined) throw new Error('a parameter set ends in its middle');
    return (byte >> (7 - (at++ & 7))) & 1;
  };
  const u = (count: number): number => {
    let value = 0;
    for (let left = count; left > 0; left--) value = value * 2 + bit();
    return value;
  };
  const ue = (): number => {
    let zeros = 0;
    while (bit() === 0) if (++zeros > 32) throw new Error('a parameter set holds a number that is none');
    return 2 ** zeros - 1 + u(zeros);
  };
  return {
    u,
    ue,
    se() {
      const value = ue();
      return value % 2 === 0 ? -value / 2 : (value + 1) / 2;
    },
  };
}
