import type { RawPicture } from './raw-picture.ts';

const short = 3;
const long = 4;
const undefinedType = 7;

/**
 * Raw pixels as an uncompressed TIFF with their ICC profile: the only way to make libvips convert the colours of pixels that it did not decode. It
 * allows the conversion after the resize, so that wide-gamut photos cost as much as others.
 */
export function tiffOfRaw(picture: RawPicture, iccProfile: Buffer): Buffer {
  const { width, height, channels, data } = picture;
  const entryCount = channels === 4 ? 12 : 11;
  const bitsAt = 8 + 2 + entryCount * 12 + 4;
  const profileAt = bitsAt + 2 * channels;
  const pixelsAt = Math.ceil((profileAt + iccProfile.length) / 16) * 16;

  const entries: (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, channels, bitsAt],
    [259, short, 1, 1], // no compression
    [262, short, 1, 2], // RGB
    [273, long, 1, pixelsAt],
    [277, short, 1, channels],
    [278, long, 1, height], // one strip
    [279, long, 1, data.length],
    [284, short, 1, 1], // channels interleaved
    ...(channels === 4 ? [[338, short, 1, 2] as const] : []), // the fourth is alpha, not premultiplied
    [34_675, undefinedType, iccProfile.length, profileAt],
  ];

  const tiff = Buffer.allocUnsafe(pixelsAt + data.length);
  tiff.fill(0, 0, pixelsAt);
  tiff.write('II*\0', 0, 'latin1');
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(entries.length, 8);
  for (const [i, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + 12 * i;
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  }
  for (let i = 0; i < channels; i++) tiff.writeUInt16LE(8, bitsAt + 2 * i);
  iccProfile.copy(tiff, profileAt);
  data.copy(tiff, pixelsAt);
  return tiff;
}
