import type { Orientation } from './image-header.ts';

const short = 3;

/** The orientation tag of a TIFF-structured EXIF block; 1 when it is absent or broken, as in browsers. */
export function readExifOrientation(exif: Buffer): Orientation {
  const start = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? 6 : 0;
  const tiff = exif.subarray(start);
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 14 || (order !== 'II' && order !== 'MM')) return 1;
  const isLittle = order === 'II';
  const u16 = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const u32 = (at: number): number => (isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const ifd = u32(4);
  if (ifd + 2 > tiff.length) return 1;
  const count = u16(ifd);
  for (let i = 0; i < count; i++) {
    const at = ifd + 2 + 12 * i;
    if (at + 12 > tiff.length) return 1;
    // A value of another type than SHORT is ignored, as in browsers: in one byte order it would be misread.
    if (u16(at) === 0x0112) return u16(at + 2) === short ? asOrientation(u16(at + 8)) : 1;
  }
  return 1;
}

export function asOrientation(value: number): Orientation {
  switch (value) {
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
      return value;
    default:
      return 1;
  }
}
