import { corruptMedia } from '../corrupt-media.ts';
import { imageHeader, type ImageHeader, type Orientation } from './image-header.ts';
import { readExifOrientation } from './read-exif-orientation.ts';

export function readWebpHeader(bytes: Buffer): ImageHeader {
  let width = 0;
  let height = 0;
  let hasAlpha = false;
  let frames = 0;
  let orientation: Orientation = 1;
  let iccProfile: Buffer | null = null;
  let isExtended = false;

  for (let at = 12; at + 8 <= bytes.length;) {
    const type = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, Math.min(at + 8 + size, bytes.length));
    if (type === 'VP8X' && body.length >= 10) {
      isExtended = true;
      hasAlpha = ((body[0] ?? 0) & 0x10) !== 0;
      width = body.readUIntLE(4, 3) + 1;
      height = body.readUIntLE(7, 3) + 1;
    } else if (type === 'VP8 ' && !isExtended && body.length >= 10) {
      width = body.readUInt16LE(6) & 0x3fff;
      height = body.readUInt16LE(8) & 0x3fff;
    } else if (type === 'VP8L' && !isExtended && body.length >= 5) {
      const bits = body.readUInt32LE(1);
      width = (bits & 0x3fff) + 1;
      height = ((bits >>> 14) & 0x3fff) + 1;
      hasAlpha = ((bits >>> 28) & 1) === 1;
    } else if (type === 'ANMF') frames++;
    else if (type === 'EXIF') orientation = readExifOrientation(body);
    else if (type === 'ICCP') iccProfile = body;
    at += 8 + size + (size & 1);
  }
  if (width === 0 || height === 0) throw corruptMedia('it announces no size');
  return imageHeader({
    mimeType: 'image/webp',
    codec: 'webp',
    storedWidth: width,
    storedHeight: height,
    hasAlpha,
    frames: Math.max(1, frames),
    orientation,
    iccProfile,
    channels: hasAlpha ? 4 : 3,
  });
}
