import { crc32 } from 'node:zlib';

import type { DigitalSource } from '@safelight/contract/generation';
import type { Sharp } from 'sharp';

import type { OutputFormat } from './encode.ts';
import type { Copyright } from './read-copyright.ts';
import { digitalSourceVocabulary } from './read-digital-source.ts';

/** All metadata that an output ever carries: the copyright, if the site keeps it, and that a machine made it, if one did. */
export type Mark = { copyright: Copyright | null; digitalSource: DigitalSource | null };

/** Makes the encoder write the mark where it can: names as EXIF for programs that read only that, and everything as XMP. */
export function markPicture(pipeline: Sharp, format: OutputFormat, mark: Mark): Sharp {
  const packet = xmpPacket(mark);
  if (packet === null) return pipeline;
  const named = mark.copyright === null ? pipeline : pipeline.withExif({ IFD0: mark.copyright });
  return format === 'png' || format === 'gif' ? named : named.withXmp(packet);
}

/** Inserts the XMP into encoded bytes, where the encoder writes none (GIF) or writes it in a way that few programs read (PNG). */
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

/** The XMP of a mark; null when the mark is empty. */
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

/** The trailer from the XMP specification, which leads readers that take the packet for ordinary data blocks to its end. */
const wayOut = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0]);

/** After the colour table, which follows the header of a GIF. */
function withApplicationBlock(gif: Buffer, packet: string): Buffer {
  const flags = gif[10] ?? 0;
  const begin = 13 + ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  return Buffer.concat([gif.subarray(0, begin), Buffer.from([0x21, 0xff, 0x0b]), Buffer.from(`XMP DataXMP${packet}`), wayOut, gif.subarray(begin)]);
}
