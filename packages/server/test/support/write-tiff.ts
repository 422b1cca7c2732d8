export type TiffKind = {
  photometric: number;
  bits: number[];
  sampleFormat?: number;
  compression?: number;
  isPlanar?: boolean;
  isBigEndian?: boolean;
  /** Additional tags with short numbers. */
  fields?: Record<number, number[]>;
};

/** A TIFF of one strip (or one for each channel), written sample by sample, also in forms that no tool writes. */
export function writeTiff(size: { width: number; height: number }, kind: TiffKind, sampleAt: (x: number, y: number, channel: number) => number): Buffer {
  const { width, height } = size;
  const samples = kind.bits.length;
  const planes = kind.isPlanar === true ? kind.bits.map((_, channel) => [channel]) : [kind.bits.map((_, channel) => channel)];
  const strips = planes.map((channels) =>
    Buffer.concat(Array.from({ length: height }, (_, y) => packRow(kind, width, channels, (x, channel) => sampleAt(x, y, channel)))),
  );
  const shorts: Record<number, number[]> = {
    256: [width],
    257: [height],
    258: kind.bits,
    259: [kind.compression ?? 1],
    262: [kind.photometric],
    277: [samples],
    278: [height],
    284: [planes.length > 1 ? 2 : 1],
    ...(kind.sampleFormat === undefined ? {} : { 339: kind.bits.map(() => kind.sampleFormat ?? 1) }),
    ...kind.fields,
  };
  const longs: Record<number, number[]> = { 273: strips.map(() => 0), 279: strips.map(({ length }) => length) };
  return assemble({ shorts, longs, strips, isBigEndian: kind.isBigEndian === true });
}

function packRow({ bits, sampleFormat, isBigEndian }: TiffKind, width: number, channels: number[], sampleAt: (x: number, channel: number) => number): Buffer {
  const row: number[] = [];
  let held = 0;
  let free = 8;
  for (let x = 0; x < width; x++)
    for (const channel of channels) {
      const depth = bits[channel] ?? 8;
      const sample = sampleAt(x, channel);
      if (depth >= 16) row.push(...wide(sample, depth, sampleFormat === 3, isBigEndian === true));
      else
        for (let bit = depth - 1; bit >= 0; bit--) {
          held = (held << 1) | ((sample >> bit) & 1);
          free -= 1;
          if (free === 0) {
            row.push(held);
            held = 0;
            free = 8;
          }
        }
    }
  if (free < 8) row.push(held << free);
  return Buffer.from(row);
}

function wide(sample: number, depth: number, isFloat: boolean, isBigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(depth / 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (isFloat && depth === 32) view.setFloat32(0, sample, !isBigEndian);
  else if (isFloat) view.setFloat64(0, sample, !isBigEndian);
  else if (depth === 16) view.setUint16(0, sample, !isBigEndian);
  else view.setUint32(0, sample * 65_537, !isBigEndian);
  return bytes;
}

type Parts = { shorts: Record<number, number[]>; longs: Record<number, number[]>; strips: Buffer[]; isBigEndian: boolean };

function assemble({ shorts, longs, strips, isBigEndian }: Parts): Buffer {
  const u16 = (value: number): Buffer => (isBigEndian ? Buffer.from([value >> 8, value & 255]) : Buffer.from([value & 255, value >> 8]));
  const u32 = (value: number): Buffer => Buffer.concat(isBigEndian ? [u16(value >>> 16), u16(value & 65_535)] : [u16(value & 65_535), u16(value >>> 16)]);
  const entries = [
    ...Object.entries(shorts).map(([tag, values]) => ({ tag: Number(tag), type: 3, values, write: u16 })),
    ...Object.entries(longs).map(([tag, values]) => ({ tag: Number(tag), type: 4, values, write: u32 })),
  ].sort((a, b) => a.tag - b.tag);
  const directoryEnd = 8 + 2 + 12 * entries.length + 4;
  const outside = entries.map(({ values, write }) => Buffer.concat(values.map(write))).map((bytes) => (bytes.length > 4 ? bytes : Buffer.alloc(0)));
  let stripAt = directoryEnd + outside.reduce((sum, { length }) => sum + length, 0);
  const stripOffsets = strips.map(({ length }) => (stripAt += length) - length);
  let outsideAt = directoryEnd;
  const written = entries.map(({ tag, type, values, write }) => {
    const bytes = Buffer.concat((tag === 273 ? stripOffsets : values).map(write));
    const inside = bytes.length > 4 ? u32(outsideAt) : Buffer.concat([bytes, Buffer.alloc(4 - bytes.length)]);
    if (bytes.length > 4) outsideAt += bytes.length;
    return { entry: Buffer.concat([u16(tag), u16(type), u32(values.length), inside]), outside: bytes.length > 4 ? bytes : Buffer.alloc(0) };
  });
  return Buffer.concat([
    Buffer.from(isBigEndian ? 'MM' : 'II', 'latin1'),
    u16(42),
    u32(8),
    u16(entries.length),
    ...written.map(({ entry }) => entry),
    u32(0),
    ...written.map(({ outside: bytes }) => bytes),
    ...strips,
  ]);
}
