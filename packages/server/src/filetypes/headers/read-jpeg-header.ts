import { SafelightError } from '../../lib/errors.ts';
import { corruptMedia } from '../corrupt-media.ts';
import { hasEveryScan } from './has-every-scan.ts';
import { imageHeader, type ImageHeader, type Orientation } from './image-header.ts';
import { readExifOrientation } from './read-exif-orientation.ts';

/** Reads the segments before the first scan, and counts the scans of a progressive file: a few hundred of them can take minutes to decode. */
export function readJpegHeader(bytes: Buffer): ImageHeader {
  let orientation: Orientation | null = null;
  const profile: Buffer[] = [];
  let frame: { marker: number; depth: number; height: number; width: number; channels: number } | null = null;

  let at = 2;
  for (;;) {
    if (at + 4 > bytes.length) throw corruptMedia('it ends before its first line');
    if (bytes[at] !== 0xff) {
      // Cameras leave padding between segments; like decoders and browsers, look for the next marker.
      at = bytes.indexOf(0xff, at);
      if (at < 0) throw corruptMedia('its segments do not follow one another');
      continue;
    }
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === 0xda) break;
    if (marker === 0xd9) throw corruptMedia('it holds no picture');
    const length = bytes.readUInt16BE(at + 2);
    const body = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xe1 && orientation === null && body.toString('latin1', 0, 6) === 'Exif\0\0') orientation = readExifOrientation(body);
    if (marker === 0xe2 && body.toString('latin1', 0, 12) === 'ICC_PROFILE\0') profile[body[12] ?? 0] = body.subarray(14);
    if (isStartOfFrame(marker) && body.length >= 6) {
      frame = { marker, depth: body[0] ?? 0, height: body.readUInt16BE(1), width: body.readUInt16BE(3), channels: body[5] ?? 0 };
    }
    at += 2 + Math.max(2, length);
  }

  if (frame === null || frame.width === 0 || frame.height === 0) throw corruptMedia('it announces no size');
  // Lossless, hierarchical and arithmetic coding occur only in medical archives; no browser shows them.
  if (frame.marker > 0xc2 || frame.depth !== 8) {
    throw new SafelightError(
      'unsupported_codec',
      'This JPEG uses a coding that only special software reads (lossless, arithmetic or 12-bit). Save it as an ordinary JPEG.',
    );
  }
  const isProgressive = frame.marker === 0xc2;
  return imageHeader({
    mimeType: 'image/jpeg',
    codec: 'jpeg',
    storedWidth: frame.width,
    storedHeight: frame.height,
    orientation: orientation ?? 1,
    channels: frame.channels,
    colour: frame.channels === 1 ? 'grey' : frame.channels === 4 ? 'cmyk' : 'rgb',
    interlaced: isProgressive,
    scans: isProgressive ? countScans(bytes, at) : 1,
    iccProfile: profile.length > 0 ? Buffer.concat(profile.filter((part) => part !== undefined)) : null,
  });
}

/** The last one is JPEG-LS, which hardly anything but hospital scanners write. */
const isStartOfFrame = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) || marker === 0xf7;

/** Inside coded data, 0xFF is followed by zero or a restart marker; every other pair is a real marker. Stops at the end of the first picture. */
function countScans(bytes: Buffer, firstScan: number): number {
  let scans = 0;
  for (let at = firstScan; at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xd9) break;
    if (marker === 0xda) scans++;
    at += marker === 0xff ? 1 : 2;
  }
  return scans;
}

const endOfImage = Buffer.from([0xff, 0xd9]);
const startOfScan = Buffer.from([0xff, 0xda]);

/** The same JPEG with the end marker that some cameras omit; null when it has one. */
export function jpegWithEnd(bytes: Buffer, channels: number): Buffer | null {
  if (bytes.indexOf(endOfImage, Math.max(0, bytes.lastIndexOf(startOfScan))) >= 0) return null;
  if (!hasEveryScan(bytes, channels)) throw corruptMedia('its last passes are missing');
  return Buffer.concat([bytes, endOfImage]);
}
