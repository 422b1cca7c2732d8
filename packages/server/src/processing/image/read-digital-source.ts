import { inflateSync } from 'node:zlib';

import { digitalSources, type DigitalSource } from '@safelight/contract/generation';

/** The vocabulary of IPTC, whose terms XMP and C2PA both use. */
export const digitalSourceVocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

const mostPackets = 16;
const longestPacket = 1 << 20;

/**
 * How a picture says that it came to be: the IPTC term in its XMP, else in its C2PA manifest, where that term means a machine. Both lie in
 * every format as they are, except that a PNG may deflate its XMP and a JPEG cuts a manifest into segments; so they are looked for as text.
 * Of a manifest that tells a whole history the last word counts, which is that of the last edit.
 */
export function readDigitalSource(bytes: Buffer): DigitalSource | null {
  return readXmp(bytes) ?? readXmp(inflatedText(bytes)) ?? readManifest(bytes);
}

/** With a language and a translated name, both of them empty mostly, or without. */
const deflated = /iTXtXML:com\.adobe\.xmp\0[^\0]\0[^\0]{0,100}\0[^\0]{0,200}\0|zTXtXML:com\.adobe\.xmp\0\0/;

/** The XMP of a PNG that deflates it; nothing where it is damaged, or longer than any real one. */
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
    // The attribute, the text of an element, or the resource that it points to.
    const [term] = termsIn(bytes.toString('latin1', at, Math.min(end, at + longestPacket)), /:DigitalSourceType\b[^<>]{0,200}?(?:=\s*["']|>\s*)/);
    if (term !== undefined) return term;
    at = bytes.indexOf('<rdf:RDF', end);
  }
  return null;
}

/** A box of the kind `jumd` that calls what follows a store of C2PA. */
const storeName = 'jumdc2pa';

function readManifest(bytes: Buffer): DigitalSource | null {
  const manifest = bytes[0] === 0xff && bytes[1] === 0xd8 ? joinedSegments(bytes) : bytes;
  const begin = manifest.indexOf(storeName);
  if (begin < 0) return null;
  // Between a name of CBOR and its text stand two or three bytes that say how long it is; in JSON, quotes and a colon.
  const end = manifest.lastIndexOf('digitalSourceType');
  return end < begin ? null : (termsIn(manifest.toString('latin1', begin, end + 200), /digitalSourceType[^a-zA-Z]{0,5}.{0,2}?/s).at(-1) ?? null);
}

/** What the segments APP11 of a JPEG hold: pieces of one box, each behind a number and, from the second on, a repetition of the box's head. */
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
