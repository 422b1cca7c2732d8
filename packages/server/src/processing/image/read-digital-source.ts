import { inflateSync } from 'node:zlib';

import { digitalSources, type DigitalSource } from '@safelight/contract/generation';

/** The IPTC vocabulary, whose terms both XMP and C2PA use. */
export const digitalSourceVocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

const mostPackets = 16;
const longestPacket = 1 << 20;

/**
 * How a picture declares its origin: the IPTC term in its XMP, else in its C2PA manifest, if that term means a machine. Both are stored uncompressed
 * in every format, except that a PNG may deflate its XMP and a JPEG splits a manifest into segments; so they are searched as text. In a manifest with
 * a history, the last term counts, which is that of the last edit.
 */
export function readDigitalSource(bytes: Buffer): DigitalSource | null {
  return readXmp(bytes) ?? readXmp(inflatedText(bytes)) ?? readManifest(bytes);
}

/** With a language and a translated name, both mostly empty, or without. */
const deflated = /iTXtXML:com\.adobe\.xmp\0[^\0]\0[^\0]{0,100}\0[^\0]{0,200}\0|zTXtXML:com\.adobe\.xmp\0\0/;

/** The deflated XMP of a PNG; nothing when it is damaged, or longer than any real one. */
function inflatedText(bytes: Buffer): Buffer {
  const name = bytes.indexOf('TXtXML:com.adobe.xmp');
  if (name < 5) return Buffer.alloc(0);
  const found = deflated.exec(bytes.toString('latin1', name - 1, name + 400));
  if (found === null) return Buffer.alloc(0);
  try {
    return inflateSync(bytes.subarray(name - 1 + found.index + found[0].length, name + 3 + bytes.readUInt32BE(name - 5)), { maxOutputLength: longestPacket });
  } catch {
    return Buffer.alloc(0);
  }
}

function readXmp(bytes: Buffer): DigitalSource | null {
  let at = bytes.indexOf('<rdf:RDF');
  for (let packets = 0; at >= 0 && packets < mostPackets; packets++) {
    const end = bytes.indexOf('</rdf:RDF>', at);
    if (end < 0) return null;
    // The attribute, the text of an element, or the resource that it refers to.
    const [term] = termsIn(bytes.toString('latin1', at, Math.min(end, at + longestPacket)), /:DigitalSourceType\b[^<>]{0,200}?(?:=\s*["']|>\s*)/);
    if (term !== undefined) return term;
    at = bytes.indexOf('<rdf:RDF', end);
  }
  return null;
}

/** The `jumd` box that introduces a C2PA store. */
const storeName = 'jumdc2pa';

function readManifest(bytes: Buffer): DigitalSource | null {
  const manifest = bytes[0] === 0xff && bytes[1] === 0xd8 ? joinedSegments(bytes) : bytes;
  const begin = manifest.indexOf(storeName);
  if (begin < 0) return null;
  // In CBOR, two or three length bytes separate a name from its text; in JSON, quotes and a colon.
  const end = manifest.lastIndexOf('digitalSourceType');
  return end < begin ? null : (termsIn(manifest.toString('latin1', begin, end + 200), /digitalSourceType[^a-zA-Z]{0,5}.{0,2}?/s).at(-1) ?? null);
}

/** The contents of a JPEG's APP11 segments: pieces of one box, each preceded by a number and, from the second on, a repeated box header. */
function joinedSegments(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 2; at + 20 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda;) {
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (bytes[at + 1] === 0xeb && bytes.toString('latin1', at + 4, at + 6) === 'JP') {
      const isFirst = bytes.readUInt32BE(at + 8) === 1;
      pieces.push(bytes.subarray(at + (isFirst ? 12 : 20), end));
    }
    at = end;
  }
  return Buffer.concat(pieces);
}

function termsIn(text: string, before: RegExp): DigitalSource[] {
  const pattern = new RegExp(`${before.source}${digitalSourceVocabulary.replace('http', 'https?').replaceAll('.', '\\.')}(${digitalSources.join('|')})`, 'gs');
  return [...text.matchAll(pattern)].flatMap(([, term]) => digitalSources.filter((known) => known === term));
}
