import { isoBox } from './grid-heic.ts';

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const u32 = (value: number): Buffer => Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
const zeros = (count: number): Buffer => Buffer.alloc(count);
const fullBox = (type: string, version: number, flags: number, ...parts: Buffer[]): Buffer => isoBox(type, u32((version << 24) | flags), ...parts);

export type AnimatedAvif = {
  /** Of each frame, in thousandths of a second. */
  delays?: readonly number[];
  /** Null writes no edit list; 0 repeats without end. */
  plays?: number | null;
  isPremultiplied?: boolean;
  /** More boxes of the frames' description: `irot`, `imir`, `clap`. */
  properties?: readonly Buffer[];
  /** Other sizes and counts than those of the frames. */
  announced?: { width?: number; height?: number; frames?: number };
  majorBrand?: string;
  /** A still picture beside the track: its file, whose boxes follow the brands. */
  still?: Buffer;
};

/** An animated AVIF, as libavif writes it, of still pictures as our encoder writes them: every frame is a key frame. */
export function animatedAvif(stills: readonly Buffer[], options: AnimatedAvif = {}): Buffer {
  const pictures = stills.map(itemsOf);
  const [first] = pictures;
  if (first === undefined) throw new Error('An animation has frames.');
  const colours = pictures.map(({ colour }) => colour.data);
  const alphas = pictures.flatMap(({ alpha }) => (alpha === null ? [] : [alpha.data]));
  const brands = isoBox(
    'ftyp',
    Buffer.from(`${options.majorBrand ?? 'avis'}\0\0\0\0avis${options.still === undefined ? '' : 'avif'}msf1iso8mif1miaf`, 'latin1'),
  );
  const still = options.still === undefined ? zeros(0) : movedBy(options.still, brands.length);
  const write = (at: number): Buffer => {
    const alphaAt = at + Buffer.concat(colours).length;
    const own = [...first.colour.properties, ...(options.properties ?? [])];
    const tracks = [trak({ id: 1, samples: colours, at, properties: own, references: options.isPremultiplied === true ? [['prem', 2]] : [], first, options })];
    const kind = fullBox('auxi', 0, 0, Buffer.from('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0', 'latin1'));
    if (first.alpha !== null)
      tracks.push(trak({ id: 2, samples: alphas, at: alphaAt, properties: [...first.alpha.properties, kind], references: [['auxl', 1]], first, options }));
    const movie = fullBox(
      'mvhd',
      0,
      0,
      zeros(8),
      u32(1000),
      u32(lengthOf(options, stills.length)),
      u32(0x10000),
      u16(0x100),
      zeros(10),
      unturned,
      zeros(24),
      u32(3),
    );
    return isoBox('moov', movie, ...tracks);
  };
  const moov = write(brands.length + still.length + write(0).length + 8);
  return Buffer.concat([brands, still, moov, isoBox('mdat', ...colours, ...alphas)]);
}

const unturned = Buffer.concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32));
const delayOf = ({ delays }: AnimatedAvif, index: number): number => delays?.[index] ?? 100;
const lengthOf = (options: AnimatedAvif, frames: number): number =>
  Array.from({ length: frames }, (_, index) => delayOf(options, index)).reduce((a, b) => a + b, 0);

type Track = {
  id: number;
  samples: readonly Buffer[];
  at: number;
  properties: readonly Buffer[];
  references: readonly (readonly [type: string, to: number])[];
  first: Items;
  options: AnimatedAvif;
};

function trak({ id, samples, at, properties, references, first, options }: Track): Buffer {
  const { plays = null, announced = {} } = options;
  const [width, height] = [announced.width ?? first.width, announced.height ?? first.height];
  const once = lengthOf(options, samples.length);
  const total = plays === null || plays === 0 ? 0xffffffff : once * plays;
  const entry = isoBox(
    'av01',
    zeros(6),
    u16(1),
    zeros(16),
    u16(width),
    u16(height),
    u32(0x480000),
    u32(0x480000),
    zeros(4),
    u16(1),
    zeros(32),
    u16(24),
    u16(0xffff),
    ...properties,
  );
  const table = isoBox(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), entry),
    fullBox('stts', 0, 0, u32(samples.length), ...samples.flatMap((_, index) => [u32(1), u32(delayOf(options, index))])),
    fullBox('stsc', 0, 0, u32(1), u32(1), u32(announced.frames ?? samples.length), u32(1)),
    fullBox('stsz', 0, 0, u32(0), u32(announced.frames ?? samples.length), ...samples.map(({ length }) => u32(length))),
    fullBox('stco', 0, 0, u32(1), u32(at)),
  );
  const media = isoBox(
    'mdia',
    fullBox('mdhd', 0, 0, zeros(8), u32(1000), u32(once), u16(0x55c4), u16(0)),
    fullBox('hdlr', 0, 0, zeros(4), Buffer.from(id === 1 ? 'pict' : 'auxv', 'latin1'), zeros(13)),
    isoBox('minf', fullBox('vmhd', 0, 1, zeros(8)), isoBox('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))), table),
  );
  return isoBox(
    'trak',
    fullBox('tkhd', 0, 1, zeros(8), u32(id), zeros(4), u32(total), zeros(16), unturned, u32(width * 65_536), u32(height * 65_536)),
    ...(plays === null ? [] : [isoBox('edts', fullBox('elst', 0, plays === 1 ? 0 : 1, u32(1), u32(once), u32(0), u32(0x10000)))]),
    ...(references.length === 0 ? [] : [isoBox('tref', ...references.map(([type, to]) => isoBox(type, u32(to))))]),
    media,
  );
}

type Item = { data: Buffer; properties: Buffer[] };
type Items = { width: number; height: number; colour: Item; alpha: Item | null };

/** The coded pictures of a file that our encoder wrote: one item of one extent, and a second one for transparency. */
function itemsOf(still: Buffer): Items {
  const boxesNamed = (name: string): Buffer[] => {
    const found: Buffer[] = [];
    for (let at = still.indexOf(name, 0, 'latin1'); at >= 0; at = still.indexOf(name, at + 4, 'latin1'))
      found.push(still.subarray(at - 4, at - 4 + still.readUInt32BE(at - 4)));
    return found;
  };
  const [size] = boxesNamed('ispe');
  const [place] = boxesNamed('iloc');
  if (size === undefined || place === undefined) throw new Error('This is not a still picture of our encoder.');
  const data = placesOf(place).map(({ offset, length }) => still.subarray(offset, offset + length));
  const settings = boxesNamed('av1C');
  const [colourData = zeros(0), alphaData] = data;
  return {
    width: size.readUInt32BE(12),
    height: size.readUInt32BE(16),
    colour: { data: colourData, properties: [...settings.slice(0, 1), ...boxesNamed('colr')] },
    alpha: alphaData === undefined || !still.includes('auxC') ? null : { data: alphaData, properties: settings.slice(-1) },
  };
}

/** Each entry: the item, a data reference, a base, and one extent of an offset and a length. */
function placesOf(iloc: Buffer): { at: number; offset: number; length: number }[] {
  return Array.from({ length: iloc.readUInt16BE(14) }, (_, index) => 16 + 18 * index).map((at) => ({
    at: at + 4,
    offset: iloc.readUInt32BE(at + 4) + iloc.readUInt32BE(at + 10),
    length: iloc.readUInt32BE(at + 14),
  }));
}

/** The boxes of a still picture after its brands, for a file in which they begin elsewhere. */
function movedBy(still: Buffer, brandBytes: number): Buffer {
  const moved = Buffer.from(still);
  const place = moved.indexOf('iloc', 0, 'latin1') - 4;
  const shift = brandBytes - still.readUInt32BE(0);
  for (const { at } of placesOf(moved.subarray(place))) moved.writeUInt32BE(moved.readUInt32BE(place + at) + shift, place + at);
  return moved.subarray(still.readUInt32BE(0));
}
