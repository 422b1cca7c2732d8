import sharp from 'sharp';

/** The owner of the picture, under the EXIF names. */
export type Copyright = { Artist?: string; Copyright?: string };

const longest = 500;

/**
 * The creator and the rights holder of a picture, from XMP, else from IPTC, else from EXIF, which is ASCII only; null when none is given. Only these
 * two texts are ever copied, so no other metadata can slip through.
 */
export async function readCopyright(bytes: Buffer): Promise<Copyright | null> {
  const { exif, iptc, xmp } = await sharp(bytes, { limitInputPixels: false }).metadata();
  const places = [
    xmp === undefined ? {} : readXmpTexts(xmp.subarray(0, 1 << 20).toString('utf8')),
    iptc === undefined ? {} : readIptcTexts(iptc),
    exif === undefined ? {} : readExifTexts(exif),
  ];
  const found = named(places.find(({ Artist }) => Artist !== undefined)?.Artist, places.find(({ Copyright }) => Copyright !== undefined)?.Copyright);
  return Object.keys(found).length === 0 ? null : found;
}

/** One line of readable text, or undefined. */
function tidy(text: string): string | undefined {
  const line = text
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, longest)
    .trim();
  return line === '' ? undefined : line;
}

const decode = (bytes: Buffer): string => {
  const utf8 = bytes.toString('utf8');
  return utf8.includes('\uFFFD') ? bytes.toString('latin1') : utf8;
};

function named(artist: string | undefined, copyright: string | undefined): Copyright {
  return { ...(artist === undefined ? {} : { Artist: artist }), ...(copyright === undefined ? {} : { Copyright: copyright }) };
}

const artistTag = 0x013b;
const copyrightTag = 0x8298;

/** The first directory of a TIFF structure; skips values that point outside it. */
function readExifTexts(exif: Buffer): Copyright {
  const tiff = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number): number => (at + 2 > tiff.length ? 0 : isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number): number => (at + 4 > tiff.length ? 0 : isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const directory = long(4);
  const text = (tag: number): string | undefined => {
    for (let i = 0; i < Math.min(short(directory), 512); i++) {
      const entry = directory + 2 + 12 * i;
      if (short(entry) !== tag) continue;
      const length = long(entry + 4);
      const at = length <= 4 ? entry + 8 : long(entry + 8);
      // A NUL separates the photographer's and the editor's copyright; it becomes a space.
      return tidy(decode(tiff.subarray(at, Math.min(at + length, tiff.length))));
    }
    return undefined;
  };
  return named(text(artistTag), text(copyrightTag));
}

const byline = 80;
const copyrightNotice = 116;

/** Record 2 of IPTC-IIM: 0x1C, record, dataset, length of two bytes, text. libvips returns it within Photoshop's own block. */
function readIptcTexts(iptc: Buffer): Copyright {
  const texts = new Map<number, string>();
  for (let at = iptc.indexOf(Buffer.from([0x1c, 0x02])); at >= 0 && at + 5 <= iptc.length;) {
    const dataset = iptc[at + 2] ?? 0;
    const length = iptc.readUInt16BE(at + 3);
    const text = tidy(decode(iptc.subarray(at + 5, at + 5 + length)));
    if (text !== undefined && !texts.has(dataset)) texts.set(dataset, text);
    at = iptc.indexOf(Buffer.from([0x1c, 0x02]), at + 5 + length);
  }
  return named(texts.get(byline), texts.get(copyrightNotice));
}

/** The first entry of a Dublin Core list; the rest of the document need not be valid XML. */
function readXmpTexts(xmp: string): Copyright {
  const first = (name: string): string | undefined => {
    const from = xmp.indexOf(`<dc:${name}`);
    const to = from < 0 ? -1 : xmp.indexOf(`</dc:${name}>`, from);
    if (to < 0) return undefined;
    const item = /<rdf:li[^>]{0,200}>([^<]{1,2000})</.exec(xmp.slice(from, to))?.[1];
    return item === undefined ? undefined : tidy(unescapeXml(item));
  };
  return named(first('creator'), first('rights'));
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unescapeXml = (text: string): string => text.replaceAll(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => entities[name] ?? whole);
