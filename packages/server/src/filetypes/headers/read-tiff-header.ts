import { SafelightError } from '../../lib/errors.ts';
import { corruptMedia } from '../corrupt-media.ts';
import { imageHeader, type ImageHeader } from './image-header.ts';
import { asOrientation } from './read-exif-orientation.ts';
import { refuseUnreadTiff } from './refuse-unread-tiff.ts';

const maxPages = 10_000;
/** Two short numbers in one field: horizontal and vertical. */
const noSubsampling = 0x0101;
const defaultSubsampling = 0x0202;

/** Reads the first directory and counts the others; only the first page counts as the picture. */
export function readTiffHeader(bytes: Buffer): ImageHeader {
  const isLittle = bytes.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  if (bytes.length < 8 || u16(2) !== 42)
    throw new SafelightError('unsupported_codec', 'BigTIFF files are not accepted. Save the picture as an ordinary TIFF, PNG or JPEG.');

  const { tags, pages } = readDirectories(bytes, { u16, u32 });
  const value = (tag: number, absent: number): number => tags.get(tag)?.value ?? absent;
  const width = value(256, 0);
  const height = value(257, 0);
  if (width === 0 || height === 0) throw corruptMedia('it announces no size');
  /** Reads short numbers; more than two of them are stored outside the entry. */
  const shorts = (tag: number, absent: number, most: number): number[] => {
    const found = tags.get(tag);
    if (found === undefined) return [absent];
    if (found.count <= 2) return [found.value];
    const many = Array.from({ length: Math.min(found.count, most) }, (_, index) => found.at + 2 * index);
    if (many.some((at) => at + 2 > bytes.length)) throw corruptMedia('it ends before its pixels are described');
    return many.map(u16);
  };
  const samples = value(277, 1);
  const bits = shorts(258, 1, samples);
  const photometric = value(262, 2);
  refuseUnreadTiff({
    compression: value(259, 1),
    photometric,
    bits,
    sampleFormat: shorts(339, 1, 1)[0] ?? 1,
    samples,
    isPlanar: value(284, 1) === 2,
    isTiled: tags.has(322),
    isSubsampled: (tags.get(530)?.packed ?? defaultSubsampling) !== noSubsampling,
    inkSet: value(332, 1),
  });
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
    depth: bits[0] ?? 1,
    channels: samples,
    colour: photometric === 5 ? 'cmyk' : photometric < 2 ? 'grey' : 'rgb',
    iccProfile: profile !== undefined && profile.count > 4 ? bytes.subarray(profile.at, profile.at + profile.count) : null,
  });
}

type Numbers = { u16(at: number): number; u32(at: number): number };
type Tag = { value: number; count: number; at: number; packed: number };

/** The tags of the first page, and how many pages there are. */
function readDirectories(bytes: Buffer, { u16, u32 }: Numbers): { tags: ReadonlyMap<number, Tag>; pages: number } {
  const tags = new Map<number, Tag>();
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
        tags.set(u16(at), { value, count: items, at: u32(at + 8), packed: u16(at + 8) * 256 + u16(at + 10) });
      }
    }
    ifd = u32(end);
  }
  return { tags, pages };
}
