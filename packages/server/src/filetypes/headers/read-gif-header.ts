import { corruptMedia } from '../corrupt-media.ts';
import { imageHeader, type ImageHeader } from './image-header.ts';

/** Counts the frames without decoding one: each of them costs a whole canvas when decoded. */
export function readGifHeader(bytes: Buffer): ImageHeader {
  if (bytes.length < 13) throw corruptMedia('it ends before its size');
  let width = bytes.readUInt16LE(6);
  let height = bytes.readUInt16LE(8);
  const colourTable = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1));

  let frames = 0;
  let hasAlpha = false;
  let at = 13 + colourTable(bytes[10] ?? 0);
  while (at < bytes.length) {
    const introducer = bytes[at];
    if (introducer === 0x21) {
      if (bytes[at + 1] === 0xf9 && ((bytes[at + 3] ?? 0) & 1) === 1) hasAlpha = true;
      at = skipSubBlocks(bytes, at + 2);
    } else if (introducer === 0x2c) {
      // A canvas without a size takes that of its first frame, as in browsers.
      if (frames === 0 && (width === 0 || height === 0) && at + 9 <= bytes.length) [width, height] = [bytes.readUInt16LE(at + 5), bytes.readUInt16LE(at + 7)];
      frames++;
      at = skipSubBlocks(bytes, at + 11 + colourTable(bytes[at + 9] ?? 0));
    } else break; // The trailer, or bytes that viewers ignore.
  }
  if (width === 0 || height === 0 || frames === 0) throw corruptMedia('it holds no picture');
  return imageHeader({ mimeType: 'image/gif', codec: 'gif', storedWidth: width, storedHeight: height, frames, hasAlpha, channels: 1 });
}

/** The same GIF with its canvas size filled in where it was missing; otherwise the same buffer. */
export function gifWithCanvas(bytes: Buffer, { storedWidth, storedHeight }: ImageHeader): Buffer {
  if (bytes.readUInt16LE(6) > 0 && bytes.readUInt16LE(8) > 0) return bytes;
  const whole = Buffer.from(bytes);
  whole.writeUInt16LE(storedWidth, 6);
  whole.writeUInt16LE(storedHeight, 8);
  return whole;
}

function skipSubBlocks(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const size = bytes[at];
    if (size === undefined || size === 0) return at + 1;
    at += size + 1;
  }
}
