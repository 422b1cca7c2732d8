import { SafelightError } from '../../lib/errors.ts';
import { corruptMedia } from '../corrupt-media.ts';
import { imageHeader, type ImageHeader } from './image-header.ts';
import { asOrientation } from './read-exif-orientation.ts';

const maxPages = 10_000;

/** Reads the first directory and counts the others; only the first page is the picture. */
export function readTiffHeader(bytes: Buffer): ImageHeader {
  const isLittle = bytes.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  if (bytes.length < 8 || u16(2) !== 42)
    throw new SafelightError('unsupported_codec', 'BigTIFF files are not accepted. Save the picture as an ordinary TIFF, PNG or JPEG.');

  const tags = new Map<number, { value: number; count: number; at: number }>();
  const seen = new Set<number>();
  let pages = 0;
  for (let ifd = u32(4); ifd !== 0 && !seen.has(ifd) && pages < maxPages; pages++) {
    seen.add(ifd);
    if (ifd + 2 > bytes.length) throw corruptMedia('it ends before its size');
    const count = u16(ifd);
    const end = ifd + 2 + 12 * count;
    if (end + 4 > bytes.length) throw corruptMedia('it ends before its size');
    if (pages === 0) {
      for (let at = ifd + 2; at < end; at += 12) {
        const items = u32(at + 4);
        const value = u16(at + 2) === 3 && items <= 2 ? u16(at + 8) : u32(at + 8);
        tags.set(u16(at), { value, count: items, at: u32(at + 8) });
      }
    }
    ifd = u32(end);
  }

  const value = (tag: number, absent: number): number => tags.get(tag)?.value ?? absent;
  const width = value(256, 0);
  const height = value(257, 0);
  if (width === 0 || height === 0) throw corruptMedia('it announces no size');
  const bits = tags.get(258);
  const depth = bits === undefined ? 1 : bits.count > 2 ? (bits.at + 2 <= bytes.length ? u16(bits.at) : 8) : bits.value;
  const photometric = value(262, 2);
  const profile = tags.get(34_675);
  return imageHeader({
    mimeType: 'image/tiff',
    codec: 'tiff',
    storedWidth: width,
    storedHeight: height,
    orientation: asOrientation(value(274, 1)),
    frames: pages,
    decodableFrames: 1,
    hasAlpha: tags.has(338),
    depth,
    channels: value(277, 1),
    colour: photometric === 5 ? 'cmyk' : photometric < 2 ? 'grey' : 'rgb',
    iccProfile: profile !== undefined && profile.count > 4 ? bytes.subarray(profile.at, profile.at + profile.count) : null,
  });
}
