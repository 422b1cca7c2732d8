import { crc32 } from 'node:zlib';

import type { DigitalSource } from '@safelight/contract/generation';
import type { Sharp } from 'sharp';

import type { OutputFormat } from './encode.ts';
import type { Copyright } from './read-copyright.ts';
import { digitalSourceVocabulary } from './read-digital-source.ts';

/** All that an output ever says of itself: whose it is where the site keeps that, and that a machine made it where one did. */
export type Mark = { copyright: Copyright | null; digitalSource: DigitalSource | null };

/** Has the encoder write the mark where it can: names as EXIF for whatever reads only that, and everything as XMP. */
export function markPicture(pipeline: Sharp, format: OutputFormat, mark: Mark): Sharp {
  const packet = xmpPacket(mark);
  if (packet === null) return pipeline;
  const named = mark.copyright === null ? pipeline : pipeline.withExif({ IFD0: mark.copyright });
  return format === 'png' || format === 'gif' ? named : named.withXmp(packet);
}

/** Puts the XMP into what was encoded, where the encoder writes none (GIF), or in a way of its own that few read (PNG). */
export function markEncoded(encoded: Buffer, format: OutputFormat, mark: Mark): Buffer {
  const packet = xmpPacket(mark);
  if (packet === null) return encoded;
  switch (format) {
    case 'png':
      return withTextChunk(encoded, packet);
    case 'gif':
      return withApplicationBlock(encoded, packet);
    default:
      return encoded;
  }
}

/** The XMP of a mark; null where there is nothing to say. */
export function xmpPacket({ copyright, digitalSource }: Mark): string | null {
  if (copyright === null && digitalSource === null) return null;
  const list = (name: string, kind: string, attributes: string, text: string | undefined): string =>
    text === undefined ? '' : `<dc:${name}><rdf:${kind}><rdf:li${attributes}>${escapeXml(text)}</rdf:li></rdf:${kind}></dc:${name}>`;
  const names = copyright === null ? '' : ' xmlns:dc="http://purl.org/dc/elements/1.1/"';
  const source =
    digitalSource === null
      ? ''
      : ` xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="${digitalSourceVocabulary}${digitalSource}"`;
  return (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    `<rdf:Description rdf:about=""${names}${source}>` +
    list('creator', 'Seq', '', copyright?.Artist) +
    list('rights', 'Alt', ' xml:lang="x-default"', copyright?.Copyright) +
    '</rdf:Description></rdf:RDF></x:xmpmeta>'
  );
}

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const endOfPngHeader = 33;

function withTextChunk(png: Buffer, packet: string): Buffer {
  const chunk = Buffer.from(`iTXtXML:com.adobe.xmp\0\0\0\0\0${packet}`);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(chunk.length - 4);
  checksum.writeUInt32BE(crc32(chunk));
  return Buffer.concat([png.subarray(0, endOfPngHeader), length, chunk, checksum, png.subarray(endOfPngHeader)]);
}

/** A run of bytes that leads out of the packet for readers that take it for ordinary blocks of data, as the XMP specification has it. */
const wayOut = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0]);

/** Behind the table of colours, which follows the header of a GIF. */
function withApplicationBlock(gif: Buffer, packet: string): Buffer {
  const flags = gif[10] ?? 0;
  const begin = 13 + ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  return Buffer.concat([gif.subarray(0, begin), Buffer.from([0x21, 0xff, 0x0b]), Buffer.from(`XMP DataXMP${packet}`), wayOut, gif.subarray(begin)]);
}
