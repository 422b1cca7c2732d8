import { animatedAvif } from './animated-avif.ts';
import { isoBox } from './grid-heic.ts';
import { premultiplied } from './premultiplied.ts';
import { crc32, deflateSync } from 'node:zlib';

import sharp, { type Sharp } from 'sharp';

import { quadrants } from './pictures.ts';

/** A picture in an unusual encoding; `type` is the Content-Type that a server would send. */
export type OddPicture = { name: string; type: string; bytes: Buffer };

/** Pictures that real programs write and that decoders disagree about, all with the same four colours. */
export async function oddPictures(): Promise<OddPicture[]> {
  return [
    odd('JPEG: CMYK without a profile', 'image/jpeg', await quadrants().toColourspace('cmyk').jpeg(quality).toBuffer()),
    ...(await jpegs()),
    ...(await pngs()),
    ...(await gifs()),
    ...(await webps()),
    ...(await avifs()),
  ];
}

const odd = (name: string, type: string, bytes: Buffer): OddPicture => ({ name, type, bytes });
const quality = { quality: 95, chromaSubsampling: '4:4:4' } as const;
const jpegOf = async (picture: Sharp = quadrants()): Promise<Buffer> => await picture.jpeg(quality).toBuffer();

// JPEG

const segment = (marker: number, body: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
};
/** Inserts segments after the start of the picture. */
const withSegments = (jpeg: Buffer, ...segments: Buffer[]): Buffer => Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
const iccSegment = (profile: Buffer, part = 1, parts = 1): Buffer =>
  segment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0', 'latin1'), Buffer.from([part, parts]), profile]));
/** EXIF with one tag, as tag type 3 (SHORT) or 4 (LONG), in either byte order. */
function exifSegment(orientation: number, { type = 3, isLittle = true }: { type?: 3 | 4; isLittle?: boolean } = {}): Buffer {
  const tiff = Buffer.alloc(8 + 2 + 12 + 4);
  const u16 = (value: number, at: number) => (isLittle ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at));
  const u32 = (value: number, at: number) => (isLittle ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at));
  tiff.write(isLittle ? 'II' : 'MM', 0, 'latin1');
  u16(42, 2);
  u32(8, 4);
  u16(1, 8);
  u16(0x0112, 10);
  u16(type, 12);
  u32(1, 14);
  if (type === 3) u16(orientation, 18);
  else u32(orientation, 18);
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]));
}

/** A profile of three primaries (XYZ, D50, as rows red, green, blue) and one gamma, like those of screens, cameras and editors. */
function matrixProfile(primaries: readonly (readonly [number, number, number])[], gamma: number, space = 'RGB '): Buffer {
  const fixed = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(Math.round(value * 65_536));
    return bytes;
  };
  const xyz = (values: readonly number[]): Buffer => Buffer.concat([Buffer.from('XYZ \0\0\0\0', 'latin1'), ...values.map(fixed)]);
  const curve = Buffer.from([...Buffer.from('curv\0\0\0\0\0\0\0\x01', 'latin1'), Math.floor(gamma), Math.round((gamma % 1) * 256), 0, 0]);
  const text = Buffer.concat([Buffer.from('desc\0\0\0\0\0\0\0\x04odd\0', 'latin1'), Buffer.alloc(80)]);
  const tags: [string, Buffer][] = [
    ['desc', text],
    ['cprt', Buffer.from('text\0\0\0\0none', 'latin1')],
    ['wtpt', xyz([0.9642, 1, 0.8249])],
    ...(space === 'GRAY'
      ? ([['kTRC', curve]] satisfies [string, Buffer][])
      : (['r', 'g', 'b'].flatMap((channel, i) => [
          [`${channel}XYZ`, xyz(primaries[i] ?? [])],
          [`${channel}TRC`, curve],
        ]) as [string, Buffer][])),
  ];
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length);
  const bodies: Buffer[] = [];
  let at = 128 + table.length;
  for (const [i, [name, body]] of tags.entries()) {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    table.write(name, 4 + 12 * i, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * i);
    table.writeUInt32BE(body.length, 12 + 12 * i);
    bodies.push(padded);
    at += padded.length;
  }
  const header = Buffer.alloc(128);
  header.writeUInt32BE(at, 0);
  header.writeUInt32BE(0x02400000, 8);
  header.write('mntr', 12, 'latin1');
  header.write(space, 16, 'latin1');
  header.write('XYZ ', 20, 'latin1');
  header.write('acsp', 36, 'latin1');
  fixed(0.9642).copy(header, 68);
  fixed(1).copy(header, 72);
  fixed(0.8249).copy(header, 76);
  return Buffer.concat([header, table, ...bodies]);
}

const adobeRgb = [
  [0.60974, 0.31111, 0.01947],
  [0.20528, 0.62567, 0.06087],
  [0.14919, 0.06322, 0.74457],
] as const;
const proPhoto = [
  [0.79767, 0.28804, 0],
  [0.13519, 0.71187, 0],
  [0.03135, 0.00009, 0.82491],
] as const;

async function jpegs(): Promise<OddPicture[]> {
  const plain = await jpegOf();
  const p3 = await jpegOf(quadrants().withIccProfile('p3'));
  const { icc: p3Profile = Buffer.alloc(0) } = await sharp(p3).metadata();
  const grey = await quadrants().greyscale().jpeg(quality).toBuffer();
  const adobe = matrixProfile(adobeRgb, 2.19921875);
  const progressive = await quadrants()
    .jpeg({ ...quality, progressive: true })
    .toBuffer();
  const half = Math.ceil(adobe.length / 2);
  const made: [string, Buffer][] = [
    ['Adobe RGB', withSegments(plain, iccSegment(adobe))],
    ['ProPhoto', withSegments(plain, iccSegment(matrixProfile(proPhoto, 1.80078125)))],
    ['a profile in two parts', withSegments(plain, iccSegment(adobe.subarray(0, half), 1, 2), iccSegment(adobe.subarray(half), 2, 2))],
    ['a profile in two parts, the second first', withSegments(plain, iccSegment(adobe.subarray(half), 2, 2), iccSegment(adobe.subarray(0, half), 1, 2))],
    ['a profile whose second part is missing', withSegments(plain, iccSegment(adobe.subarray(0, half), 1, 2))],
    ['a profile cut short', withSegments(plain, iccSegment(adobe.subarray(0, 200)))],
    ['a profile of noise', withSegments(plain, iccSegment(Buffer.from(Array.from({ length: 600 }, (_, i) => (i * 89) % 256))))],
    ['an empty profile', withSegments(plain, iccSegment(Buffer.alloc(0)))],
    ['a grey profile on colours', withSegments(plain, iccSegment(matrixProfile([], 2.2, 'GRAY')))],
    ['a colour profile on grey', withSegments(grey, iccSegment(p3Profile))],
    ['a grey profile on grey', withSegments(grey, iccSegment(matrixProfile([], 1, 'GRAY')))],
    ['orientation 6, big-endian', withSegments(plain, exifSegment(6, { isLittle: false }))],
    ['orientation 6 as a LONG', withSegments(plain, exifSegment(6, { type: 4 }))],
    ['orientation 0', withSegments(plain, exifSegment(0))],
    ['orientation 9', withSegments(plain, exifSegment(9))],
    ['two EXIF blocks, 6 then 3', withSegments(plain, exifSegment(6), exifSegment(3))],
    ['EXIF of noise', withSegments(plain, segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), Buffer.alloc(40, 0x4d)])))],
    ['XMP before EXIF', withSegments(plain, segment(0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0<x/>', 'latin1')), exifSegment(8))],
    ['no end marker', plain.subarray(0, plain.length - 2)],
    ['bytes behind the end', Buffer.concat([plain, Buffer.from('PK\x03\x04 and more')])],
    ['fill bytes between segments', withSegments(plain, Buffer.alloc(20, 0xff).subarray(0, 20), segment(0xfe, Buffer.from('x')))],
    ['4:2:0', await quadrants().jpeg({ quality: 95, chromaSubsampling: '4:2:0' }).toBuffer()],
    ['odd sides', await quadrants().resize(239, 157, { fit: 'fill', kernel: 'nearest' }).jpeg({ quality: 95, chromaSubsampling: '4:2:0' }).toBuffer()],
    ['progressive', progressive],
    ['progressive, its last scans missing', dropLastScans(progressive, 2)],
    ['grey', grey],
    [
      'trellis and optimised scans',
      await quadrants()
        .jpeg({ ...quality, mozjpeg: true })
        .toBuffer(),
    ],
  ];
  return made.map(([name, bytes]) => odd(`JPEG: ${name}`, 'image/jpeg', bytes));
}

/** Ends a progressive file early but with valid markers, unlike a file that was cut off. */
function dropLastScans(jpeg: Buffer, scans: number): Buffer {
  let end = jpeg.length;
  for (let i = 0; i < scans; i++) end = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]), end - 1);
  const table = jpeg.lastIndexOf(Buffer.from([0xff, 0xc4]), end);
  const previous = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]), end - 1);
  return Buffer.concat([jpeg.subarray(0, table > previous ? table : end), Buffer.from([0xff, 0xd9])]);
}

// PNG

const chunk = (type: string, body: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32BE(body.length, 0);
  sizes.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([sizes.subarray(0, 4), named, sizes.subarray(4)]);
};
/** Inserts chunks after the header. */
const withChunks = (png: Buffer, ...chunks: Buffer[]): Buffer => Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
const numbers = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
};
const gamma = (value: number): Buffer => chunk('gAMA', numbers(Math.round(value * 100_000)));
const primariesOfSrgb = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000];
const primariesOfP3 = [31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000];

async function pngs(): Promise<OddPicture[]> {
  const plain = await quadrants().png().toBuffer();
  const adobe = chunk('iCCP', Buffer.concat([Buffer.from('odd\0\0', 'latin1'), deflateSync(matrixProfile(adobeRgb, 2.19921875))]));
  const bare = Buffer.concat([
    plain.subarray(0, 33),
    ...chunksOf(plain)
      .filter(({ type }) => type === 'IDAT' || type === 'IEND')
      .map(({ bytes }) => bytes),
  ]);
  const text = chunk('tEXt', Buffer.from('Comment\0hello', 'latin1'));
  text[text.length - 1] = (text.at(-1) ?? 0) ^ 0xff;
  const made: [string, Buffer][] = [
    ['cICP of Display P3', withChunks(bare, chunk('cICP', Buffer.from([12, 13, 0, 1])))],
    ['cICP of sRGB over another profile', withChunks(bare, chunk('cICP', Buffer.from([1, 13, 0, 1])), adobe)],
    ['a profile', withChunks(bare, adobe)],
    ['a profile and an sRGB chunk', withChunks(bare, adobe, chunk('sRGB', Buffer.from([0])))],
    ['gamma 1', withChunks(bare, gamma(1))],
    ['gamma 1/1.8', withChunks(bare, gamma(1 / 1.8))],
    ['gamma 1/2.2', withChunks(bare, gamma(1 / 2.2))],
    ['gamma 1/2.2 and primaries of sRGB', withChunks(bare, gamma(1 / 2.2), chunk('cHRM', numbers(...primariesOfSrgb)))],
    ['gamma 1/2.2 and primaries of P3', withChunks(bare, gamma(1 / 2.2), chunk('cHRM', numbers(...primariesOfP3)))],
    ['gamma 0', withChunks(bare, gamma(0))],
    ['primaries alone', withChunks(bare, chunk('cHRM', numbers(...primariesOfP3)))],
    ['gamma 1 beside an sRGB chunk', withChunks(bare, gamma(1), chunk('sRGB', Buffer.from([0])))],
    ['a text with a wrong checksum', withChunks(plain, text)],
    ['bytes behind the end', Buffer.concat([plain, Buffer.from('<script>alert(1)</script>')])],
    ['no end chunk', plain.subarray(0, plain.length - 12)],
    ['orientation 6', withChunks(plain, chunk('eXIf', exifSegment(6).subarray(10)))],
    ['16 bits', await quadrants().toColourspace('rgb16').png().toBuffer()],
    ['16 bits, Display P3', await quadrants().withIccProfile('p3').toColourspace('rgb16').png().toBuffer()],
    ['grey', await quadrants().greyscale().png().toBuffer()],
    ['grey and gamma 1', withChunks(withoutColour(await quadrants().greyscale().png().toBuffer()), gamma(1))],
    ['palette', await quadrants().png({ palette: true, colours: 4 }).toBuffer()],
    ['one bit', await quadrants().greyscale().threshold(110).toColourspace('b-w').png({ palette: true, colours: 2 }).toBuffer()],
    ['interlaced', await quadrants().png({ progressive: true }).toBuffer()],
  ];
  return made.map(([name, bytes]) => odd(`PNG: ${name}`, 'image/png', bytes));
}

function chunksOf(png: Buffer): { type: string; bytes: Buffer }[] {
  const found: { type: string; bytes: Buffer }[] = [];
  for (let at = 8; at + 12 <= png.length;) {
    const end = at + 12 + png.readUInt32BE(at);
    found.push({ type: png.toString('latin1', at + 4, at + 8), bytes: png.subarray(at, end) });
    at = end;
  }
  return found;
}
const withoutColour = (png: Buffer): Buffer =>
  Buffer.concat([
    png.subarray(0, 8),
    ...chunksOf(png)
      .filter(({ type }) => !['iCCP', 'sRGB', 'gAMA', 'cHRM'].includes(type))
      .map(({ bytes }) => bytes),
  ]);

// GIF

async function gifs(): Promise<OddPicture[]> {
  const plain = await quadrants().gif().toBuffer();
  const frames = await Promise.all([0, 90, 180].map(async (hue) => await quadrants().modulate({ hue }).png().toBuffer()));
  const animated = await sharp(frames, { join: { animated: true } })
    .gif({ loop: 0, delay: [100, 100, 100] })
    .toBuffer();
  const noCanvas = Buffer.from(plain);
  noCanvas.writeUInt32LE(0, 6);
  const wideCanvas = Buffer.from(plain);
  wideCanvas.writeUInt16LE(300, 6);
  const made: [string, Buffer][] = [
    ['animated', animated],
    ['animated, its last frame cut', animated.subarray(0, animated.length - 60)],
    ['a canvas of no size', noCanvas],
    ['a canvas wider than its frame', wideCanvas],
    ['no trailer', plain.subarray(0, plain.length - 1)],
    ['bytes behind the end', Buffer.concat([plain, Buffer.from('*/=1;alert(1)')])],
    ['interlaced', await quadrants().gif({ progressive: true }).toBuffer()],
  ];
  return made.map(([name, bytes]) => odd(`GIF: ${name}`, 'image/gif', bytes));
}

// WebP

async function webps(): Promise<OddPicture[]> {
  const made: [string, Buffer][] = [
    ['orientation 6', await quadrants().withMetadata({ orientation: 6 }).webp({ quality: 95 }).toBuffer()],
    ['Display P3', await quadrants().withIccProfile('p3').webp({ quality: 95 }).toBuffer()],
    ['lossless', await quadrants().webp({ lossless: true }).toBuffer()],
    ['bytes behind the end', Buffer.concat([await quadrants().webp({ quality: 95 }).toBuffer(), Buffer.from('more')])],
    ['near-lossless', await quadrants().webp({ nearLossless: true, quality: 60 }).toBuffer()],
  ];
  return made.map(([name, bytes]) => odd(`WebP: ${name}`, 'image/webp', bytes));
}

// AVIF

/** Changes every property box of one type into another of the same size: a rotation into a mirroring. */
const retyped = (avif: Buffer, from: string, to: string, value: number): Buffer => {
  const bytes = Buffer.from(avif);
  const at = bytes.indexOf(from, 0, 'latin1');
  bytes.write(to, at, 'latin1');
  bytes[at + 4] = value;
  return bytes;
};

async function avifs(): Promise<OddPicture[]> {
  const avif = (picture: Sharp, options: object = {}) => picture.avif({ quality: 90, effort: 0, chromaSubsampling: '4:4:4', ...options }).toBuffer();
  const made: [string, Buffer][] = [
    ['plain', await avif(quadrants())],
    ['4:2:0, odd sides', await avif(quadrants().resize(239, 157, { fit: 'fill', kernel: 'nearest' }), { chromaSubsampling: '4:2:0' })],
    ['10 bits', await avif(quadrants(), { bitdepth: 10 })],
    ['12 bits', await avif(quadrants(), { bitdepth: 12 })],
    ['Display P3', await avif(quadrants().withIccProfile('p3'))],
    ['grey', await avif(quadrants().greyscale())],
    ['lossless', await avif(quadrants(), { lossless: true })],
    ['premultiplied alpha', premultiplied(await avif(quadrants().ensureAlpha(0.5)))],
    ['orientation 6 in EXIF alone', await avif(quadrants().withExif({ IFD0: { Orientation: '6' } }))],
  ];
  const turned = await avif(quadrants().withMetadata({ orientation: 6 }));
  if (turned.includes('irot'))
    made.push(
      ['turned', turned],
      ['turned by 180', retyped(turned, 'irot', 'irot', 2)],
      ['mirrored up and down', retyped(turned, 'irot', 'imir', 0)],
      ['mirrored left and right', retyped(turned, 'irot', 'imir', 1)],
    );
  const other = await avif(quadrants().negate());
  const [frame, clear] = await Promise.all([avif(quadrants()), avif(quadrants().ensureAlpha(0.5))]);
  made.push(
    ['animated', animatedAvif([frame, other])],
    ['animated, beside another still picture', animatedAvif([frame, other], { still: other })],
    // Of one frame, because a canvas gets the frames of an animation unturned, other than the page.
    [
      'a sequence of one frame, turned and mirrored',
      animatedAvif([frame], { properties: [isoBox('irot', Buffer.from([1])), isoBox('imir', Buffer.from([0]))] }),
    ],
    ['animated, 10 bits and 4:2:0', animatedAvif([await avif(quadrants(), { bitdepth: 10, chromaSubsampling: '4:2:0' })])],
    ['animated, of the still brand', animatedAvif([other, other], { majorBrand: 'avif', still: frame })],
    ['animated, lossless', animatedAvif([await avif(quadrants(), { lossless: true }), other])],
    ['animated, with alpha', animatedAvif([clear, clear])],
  );
  return made.map(([name, bytes]) => odd(`AVIF: ${name}`, 'image/avif', bytes));
}
