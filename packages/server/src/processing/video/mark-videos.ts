import { appendFile, readFile, writeFile } from 'node:fs/promises';

import type { DigitalSource } from '@safelight/contract/generation';

import { xmpPacket } from '../image/mark-picture.ts';
import type { MadeFile } from '../store-files.ts';

/** The id of the box that holds XMP, as its readers know it. */
const xmpBox = Buffer.from('be7acfcb97a942e89c71999491e3afac', 'hex');

/**
 * Marks ffmpeg's output as made by a machine: an MP4 in a box at its end, which players skip, so that nothing before it moves; a JPEG after its
 * header.
 */
export async function markVideos(files: readonly MadeFile[], digitalSource: DigitalSource | null): Promise<void> {
  const packet = xmpPacket({ copyright: null, digitalSource });
  if (packet === null) return;
  for (const { mimeType, extension, content } of files) {
    if (!('path' in content)) continue;
    if (mimeType === 'video/mp4' && extension === 'mp4') await appendFile(content.path, boxOf(packet));
    else if (mimeType === 'image/jpeg') await writeFile(content.path, withSegment(await readFile(content.path), packet));
  }
}

function boxOf(packet: string): Buffer {
  const content = Buffer.concat([Buffer.from('uuid'), xmpBox, Buffer.from(packet)]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length + 4);
  return Buffer.concat([size, content]);
}

function withSegment(jpeg: Buffer, packet: string): Buffer {
  const content = Buffer.from(`http://ns.adobe.com/xap/1.0/\0${packet}`);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  const begin = jpeg[2] === 0xff && jpeg[3] === 0xe0 ? 4 + jpeg.readUInt16BE(4) : 2;
  return Buffer.concat([jpeg.subarray(0, begin), head, content, jpeg.subarray(begin)]);
}
