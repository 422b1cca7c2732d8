import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { thumbHashToRGBA } from 'thumbhash';
import { describe, expect, test } from 'vitest';
import { isoBox } from '../../../test/support/grid-heic.ts';
import { premultiplied } from '../../../test/support/premultiplied.ts';
import { largestDifference, photoLike, quadrantColours, quadrants, quadrantsOf } from '../../../test/support/pictures.ts';
import type { ImageFacts, ImageJob, ImageOutput, OutputRule } from '../image-rules.ts';
import { readCopyright } from './read-copyright.ts';
import { readHeader } from '../../filetypes/read-header.ts';
import { render } from './render.ts';

const fixture = (name: string): Promise<Buffer> => readFile(new URL(`../../../test/fixtures/images/${name}`, import.meta.url));

const rule = (own: Partial<OutputRule> = {}): OutputRule => ({ role: 'preview', maxSide: 200, format: 'png', quality: 90, animated: false, ...own });

async function renderAll(
  bytes: Buffer,
  outputs: OutputRule[],
  blur = false,
  more: Partial<ImageJob> = {},
): Promise<{ facts: ImageFacts; outputs: ImageOutput[]; steps: [number, string][] }> {
  const made: ImageOutput[] = [];
  const steps: [number, string][] = [];
  const facts = await render(
    bytes,
    readHeader(bytes),
    { outputs, blur, ...more },
    { output: async (output) => void made.push(output), progress: (fraction, step) => steps.push([fraction, step]) },
  );
  return { facts, outputs: made, steps };
}

async function renderOne(bytes: Buffer, own: Partial<OutputRule> = {}): Promise<ImageOutput> {
  const { outputs } = await renderAll(bytes, [rule(own)]);
  const [output] = outputs;
  if (output === undefined) throw new Error('nothing was made');
  return output;
}

/** A PNG with one more chunk after its header. */
function withChunk(png: Buffer, type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([png.subarray(0, 33), length, named, checksum, png.subarray(33)]);
}

const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  );

describe('outputs have the requested sizes and formats', () => {
  test('the long side is the limit, and nothing is enlarged', async () => {
    const { outputs } = await renderAll(await quadrants().jpeg().toBuffer(), [
      rule({ role: 'small', maxSide: 60 }),
      rule({ role: 'large', maxSide: 2000 }),
      rule({ role: 'middle', maxSide: 150 }),
    ]);
    expect(outputs.map(({ role, width, height }) => [role, width, height])).toEqual([
      ['large', 240, 160],
      ['middle', 150, 100],
      ['small', 60, 40],
    ]);
    for (const { bytes, width, height } of outputs) expect(await sharp(bytes).metadata()).toMatchObject({ width, height });
  });

  test.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('"source" keeps %s', async (format) => {
    const { mimeType, bytes } = await renderOne(await quadrants().toFormat(format).toBuffer(), { format: 'source' });
    expect([mimeType, readHeader(bytes).mimeType]).toEqual([`image/${format}`, `image/${format}`]);
  });

  test('"source" is JPEG if the format of the upload cannot be written or displayed', async () => {
    expect((await renderOne(await quadrants().tiff().toBuffer(), { format: 'source' })).mimeType).toBe('image/jpeg');
    expect((await renderOne(await fixture('quadrants.heic'), { format: 'source' })).mimeType).toBe('image/jpeg');
  });

  test('a crop keeps the part around the focal point, at its proportions', async () => {
    const source = await quadrants().jpeg({ quality: 95 }).toBuffer();
    const upright = { aspectRatio: 0.75 };
    const { outputs } = await renderAll(source, [
      rule({ role: 'left', maxSide: 80, crop: { ...upright, focalPoint: { x: 0, y: 0.5 } } }),
      rule({ role: 'right', maxSide: 80, crop: { ...upright, focalPoint: { x: 1, y: 0.5 } } }),
      rule({ role: 'middle', maxSide: 1000, crop: { aspectRatio: 1 } }),
      rule({ role: 'banner', maxSide: 120, crop: { aspectRatio: 4, focalPoint: { x: 0.5, y: 0 } } }),
      rule({ role: 'whole', maxSide: 120 }),
    ]);
    const colours = new Map<string, number[][]>();
    for (const { role, bytes } of outputs) colours.set(role, await quadrantsOf(bytes));
    expect(Object.fromEntries(outputs.map(({ role, width, height }) => [role, [width, height]]))).toEqual({
      left: [60, 80],
      right: [60, 80],
      middle: [160, 160],
      banner: [120, 30],
      whole: [120, 80],
    });
    const [red, green, blue, yellow] = quadrantColours;
    expect(largestDifference(colours.get('left') ?? [], [red, red, blue, blue])).toBeLessThan(10);
    expect(largestDifference(colours.get('right') ?? [], [green, green, yellow, yellow])).toBeLessThan(10);
    expect(largestDifference(colours.get('middle') ?? [], quadrantColours)).toBeLessThan(10);
    expect(largestDifference(colours.get('banner') ?? [], [red, green, red, green])).toBeLessThan(10);
  });

  test('the dominant colour is that of most of the picture', async () => {
    const { facts } = await renderAll(
      await sharp({ create: { width: 80, height: 60, channels: 3, background: '#2060c0' } })
        .jpeg()
        .toBuffer(),
      [rule()],
      false,
      { dominantColour: true },
    );
    expect(facts).toMatchObject({ blurDataURL: null, thumbHash: null });
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(facts.dominantColour?.slice(at, at + 2) ?? '', 16));
    expect(largestDifference([[r, g, b]], [[0x20, 0x60, 0xc0]])).toBeLessThan(4);
  });

  test('a crop without a focal point keeps the interesting part, if requested', async () => {
    const face = await sharp({ create: { width: 60, height: 60, channels: 3, background: '#d9906f' } })
      .png()
      .toBuffer();
    const picture = await sharp({ create: { width: 300, height: 100, channels: 3, background: '#808890' } })
      .composite([{ input: face, left: 235, top: 20 }])
      .removeAlpha()
      .png()
      .toBuffer();
    const square = { maxSide: 90, format: 'png' as const };
    const { outputs } = await renderAll(picture, [
      rule({ role: 'attention', ...square, crop: { aspectRatio: 1, position: 'attention' } }),
      rule({ role: 'centre', ...square, crop: { aspectRatio: 1, position: 'centre' } }),
      rule({ role: 'person', ...square, crop: { aspectRatio: 1, position: 'attention', focalPoint: { x: 0, y: 0.5 } } }),
    ]);
    const skin = new Map<string, number>();
    for (const { role, bytes, width, height } of outputs) {
      expect([width, height]).toEqual([90, 90]);
      const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      skin.set(role, data.filter((value, i) => i % 3 === 0 && value > 180).length / (90 * 90));
    }
    expect(skin.get('attention')).toBeGreaterThan(0.25);
    expect([skin.get('centre'), skin.get('person')]).toEqual([0, 0]);
  });

  test('a ThumbHash shows the picture, roughly and in its proportions', async () => {
    const { facts } = await renderAll(await quadrants().jpeg().toBuffer(), [rule()], false, { thumbHash: true });
    const hash = Buffer.from(facts.thumbHash ?? '', 'base64');
    expect(hash.length).toBeLessThan(30);
    const { w, h, rgba } = thumbHashToRGBA(hash);
    expect(w / h).toBeCloseTo(1.5, 0);
    const drawn = await sharp(Buffer.from(rgba), { raw: { width: w, height: h, channels: 4 } })
      .png()
      .toBuffer();
    expect(largestDifference(await quadrantsOf(drawn), quadrantColours)).toBeLessThan(60);
  });

  test('the same source and rules give the same bytes', async () => {
    const photo = await photoLike(700, 500);
    const source = await sharp(photo.data, { raw: photo }).jpeg().toBuffer();
    const rules = (['jpeg', 'png', 'webp', 'avif'] as const).map((format) => rule({ role: format, format }));
    const [first, second] = await Promise.all([renderAll(source, rules, true), renderAll(source, rules, true)]);
    expect(first).toEqual(second);
  });

  test('progress ends at one and names every step', async () => {
    const { steps } = await renderAll(await quadrants().jpeg().toBuffer(), [rule({ role: 'a', maxSide: 100 }), rule({ role: 'b', maxSide: 50 })]);
    expect(steps.map(([, step]) => step)).toEqual(['header', 'decode', 'a', 'b']);
    expect(steps.map(([fraction]) => fraction)).toEqual(steps.map(([fraction]) => fraction).toSorted((a, b) => a - b));
    expect(steps.at(-1)?.[0]).toBeCloseTo(1);
  });

  test('progress weighs a step by its time: half of a HEIC is its decode, little of a JPEG', async () => {
    const outputs = [rule({ role: 'a', maxSide: 240, format: 'webp' })];
    const afterDecode = async (bytes: Buffer): Promise<number> => (await renderAll(bytes, outputs)).steps.find(([, step]) => step === 'decode')?.[0] ?? 0;
    const [heic, jpeg] = [await afterDecode(await fixture('quadrants.heic')), await afterDecode(await quadrants().jpeg().toBuffer())];
    expect(heic).toBeGreaterThan(jpeg);
  });

  test('the blur is a WebP of at most 16 pixels, small enough for a record', async () => {
    const { facts } = await renderAll(await quadrants().jpeg().toBuffer(), [rule()], true);
    const [, base64 = ''] = facts.blurDataURL?.split('data:image/webp;base64,') ?? [];
    const picture = Buffer.from(base64, 'base64');
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'webp', width: 16, height: 11 });
    expect(facts.blurDataURL?.length).toBeLessThan(400);
  });
});

describe('pictures are rotated upright, once', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8] as const)('EXIF orientation %i', async (orientation) => {
    // What a camera would store so that this orientation makes it upright again.
    const upright = await quadrants().png().toBuffer();
    const turned = await sharp(upright)
      .rotate({ 3: 180, 4: 180, 5: 90, 6: 270, 7: 270, 8: 90 }[orientation as number] ?? 0)
      .png()
      .toBuffer();
    const stored = [2, 4, 5, 7].includes(orientation) ? await sharp(turned).flop().png().toBuffer() : turned;
    const bytes = await sharp(stored).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
    const output = await renderOne(bytes);
    expect([output.width, output.height]).toEqual([200, 133]);
    expect(largestDifference(await quadrantsOf(output.bytes), quadrantColours)).toBeLessThan(8);
    expect((await sharp(output.bytes).metadata()).orientation).toBeUndefined();
  });

  test('HEIC irot', async () => {
    const output = await renderOne(await fixture('quadrants-irot.heic'));
    expect([output.width, output.height]).toEqual([200, 133]);
    expect(largestDifference(await quadrantsOf(output.bytes), quadrantColours)).toBeLessThan(8);
  });
});

describe('imperfect pictures', () => {
  test('a JPEG without its end marker is intact; cut anywhere before, it is damaged', async () => {
    for (const progressive of [false, true]) {
      const jpeg = await quadrants().jpeg({ quality: 90, progressive }).toBuffer();
      expect(await codeOf(renderOne(jpeg.subarray(0, jpeg.length - 2)))).toBe('accepted');
      const lastScan = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
      for (let cut = lastScan + 20; cut < jpeg.length - 12; cut += 37)
        expect(await codeOf(renderOne(jpeg.subarray(0, cut))), `cut at ${cut}`).toBe('corrupt_media');
    }
  });

  test('HEIC imir mirrors, in both directions', async () => {
    const turned = await fixture('quadrants-irot.heic');
    const mirrored = (axis: number): Buffer => {
      const bytes = Buffer.from(turned);
      const at = bytes.indexOf('irot');
      bytes.write('imir', at, 'latin1');
      bytes[at + 4] = axis;
      return bytes;
    };
    const [upDown, leftRight] = await Promise.all([0, 1].map(async (axis) => await renderOne(mirrored(axis), { maxSide: 1000 })));
    if (upDown === undefined || leftRight === undefined) throw new Error('two pictures were made');
    expect([upDown.width, upDown.height]).toEqual([160, 240]);
    // Mirrored in both directions is rotated by half a turn.
    const [a, b] = await Promise.all([sharp(upDown.bytes).flip().flop().png().toBuffer(), Promise.resolve(leftRight.bytes)]);
    expect(largestDifference(await quadrantsOf(a), await quadrantsOf(b))).toBeLessThan(3);
    expect(largestDifference(await quadrantsOf(upDown.bytes), await quadrantsOf(leftRight.bytes))).toBeGreaterThan(50);
  });

  test.each([
    ['cICP', [12, 13, 0, 1]],
    ['cICP', [1, 13, 0, 1]],
  ])('PNG colours by %s %j', async (type, body) => {
    const { bytes } = await renderOne(withChunk(await quadrants().png().toBuffer(), type, Buffer.from(body)), { maxSide: 1000 });
    const difference = largestDifference(await quadrantsOf(bytes), quadrantColours);
    if (body[0] === 1) expect(difference).toBeLessThan(3);
    else expect(difference).toBeGreaterThan(15);
  });

  test('PNG uses gamma and primaries, unless the file has something better', async () => {
    const plain = await quadrants().png().toBuffer();
    const gamma = (value: number): Buffer => {
      const body = Buffer.alloc(4);
      body.writeUInt32BE(Math.round(value * 100_000));
      return body;
    };
    const differenceOf = async (png: Buffer): Promise<number> =>
      largestDifference(await quadrantsOf((await renderOne(png, { maxSide: 1000 })).bytes), quadrantColours);
    expect(await differenceOf(withChunk(plain, 'gAMA', gamma(1)))).toBeGreaterThan(60);
    expect(await differenceOf(withChunk(plain, 'gAMA', gamma(1 / 2.2)))).toBeLessThan(3);
    expect(await differenceOf(withChunk(plain, 'gAMA', gamma(0)))).toBeLessThan(3);
    expect(await differenceOf(withChunk(withChunk(plain, 'gAMA', gamma(1)), 'sRGB', Buffer.from([0])))).toBeLessThan(3);
  });
});

describe('colours are converted to sRGB', () => {
  test.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)('Display P3 in %s', async (format) => {
    const bytes = await quadrants().withIccProfile('p3').toFormat(format, { quality: 95 }).toBuffer();
    // The numbers in the file differ; a dropped profile would leave them as they are.
    if (format !== 'avif') expect(largestDifference(await quadrantsOf(bytes), quadrantColours)).toBeGreaterThan(20);
    expect(largestDifference(await quadrantsOf((await renderOne(bytes)).bytes), quadrantColours)).toBeLessThan(7);
  });

  test('Display P3 in HEIC, 8 and 10 bits without a profile', async () => {
    for (const name of ['quadrants-p3.heic', 'quadrants.heic', 'quadrants-10bit.heic']) {
      expect([name, largestDifference(await quadrantsOf((await renderOne(await fixture(name))).bytes), quadrantColours) < 7]).toEqual([name, true]);
    }
  });

  test('Display P3 with transparency', async () => {
    const bytes = await quadrants().ensureAlpha(0.5).withIccProfile('p3').png().toBuffer();
    const output = await renderOne(bytes);
    expect(largestDifference(await quadrantsOf(output.bytes), quadrantColours)).toBeLessThan(6);
    expect((await sharp(output.bytes).stats()).channels[3]?.mean).toBeCloseTo(128, -1);
  });

  test('Display P3 announced by CICP alone', async () => {
    expect(largestDifference(await quadrantsOf((await renderOne(await fixture('quadrants-cicp-p3.avif'))).bytes), quadrantColours)).toBeLessThan(7);
  });

  test('PQ is mapped down to what a screen can show', async () => {
    // Diffuse white (203 cd/m²) is 0.58 of the PQ curve; shown unconverted it would be a medium grey.
    const [white = [0]] = await quadrantsOf((await renderOne(await fixture('white-pq.avif'), { maxSide: 64 })).bytes);
    expect(Math.min(...white)).toBeGreaterThan(180);
  });

  test.each([
    ['16 bits', () => quadrants().toColourspace('rgb16').png()],
    ['a palette', () => quadrants().png({ palette: true })],
    ['interlaced', () => quadrants().png({ progressive: true })],
    ['progressive', () => quadrants().jpeg({ progressive: true, quality: 95 })],
    ['4:4:4', () => quadrants().jpeg({ chromaSubsampling: '4:4:4', quality: 95 })],
    ['lossless', () => quadrants().webp({ lossless: true })],
    ['10 bits', () => quadrants().avif({ bitdepth: 10, quality: 90 })],
  ])('%s', async (_, picture) => {
    expect(largestDifference(await quadrantsOf((await renderOne(await picture().toBuffer())).bytes), quadrantColours)).toBeLessThan(8);
  });

  test('CMYK without a profile as browsers show it: each ink removes its complement, black removes all', async () => {
    const bytes = await quadrants().toColourspace('cmyk').jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
    expect(readHeader(bytes)).toMatchObject({ colour: 'cmyk', iccProfile: null });
    const { data, info } = await sharp(bytes).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer({ resolveWithObject: true });
    const shown = [
      [60, 40],
      [180, 40],
      [60, 120],
      [180, 120],
    ].map(([x = 0, y = 0]) => {
      const [c = 0, m = 0, ye = 0, k = 0] = data.subarray((y * info.width + x) * 4);
      return [c, m, ye].map((ink) => ((255 - ink) * (255 - k)) / 255);
    });
    expect(largestDifference(await quadrantsOf((await renderOne(bytes)).bytes), shown)).toBeLessThan(3);
  });

  test('grey stays grey', async () => {
    const bytes = await quadrants().greyscale().toColourspace('b-w').jpeg({ quality: 95 }).toBuffer();
    for (const [r = 0, g = 0, b = 0] of await quadrantsOf((await renderOne(bytes)).bytes)) expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(2);
  });

  test('a garbage profile changes nothing', async () => {
    const bytes = await quadrants().withIccProfile('p3').png().toBuffer();
    const jpeg = await quadrants().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer();
    const profile = jpeg.indexOf('acsp', 0, 'latin1');
    jpeg.fill(0xa5, profile, profile + 200);
    expect(await codeOf(renderOne(jpeg))).toBe('accepted');
    expect(await codeOf(renderOne(bytes))).toBe('accepted');
  });
});

describe('transparency', () => {
  const half = () => quadrants().ensureAlpha(0).png().toBuffer();
  test.each(['png', 'webp', 'avif'] as const)('is kept in %s', async (format) => {
    const { bytes } = await renderOne(await half(), { format });
    expect((await sharp(bytes).stats()).isOpaque).toBe(false);
  });

  test('becomes white in JPEG', async () => {
    const { bytes } = await renderOne(await half(), { format: 'jpeg' });
    expect(
      largestDifference(
        await quadrantsOf(bytes),
        Array.from({ length: 4 }, () => [255, 255, 255]),
      ),
    ).toBeLessThan(3);
  });
});

describe('animations', () => {
  const animation = async (format: 'gif' | 'webp'): Promise<Buffer> => {
    const frames = await Promise.all(
      ['#f00', '#0f0', '#00f'].map((background) =>
        sharp({ create: { width: 60, height: 40, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    return sharp(frames, { join: { animated: true } })
      .toFormat(format, { delay: [100, 200, 300] })
      .toBuffer();
  };

  test.each(['gif', 'webp'] as const)('%s keeps moving where the rule and the output allow it', async (format) => {
    const source = await animation(format);
    for (const output of ['source', 'webp'] as const) {
      const { bytes, width, height } = await renderOne(source, { format: output, animated: true, maxSide: 30 });
      expect(await sharp(bytes, { animated: true }).metadata()).toMatchObject({ pages: 3, width: 30, pageHeight: 20, delay: [100, 200, 300] });
      expect([width, height]).toEqual([30, 20]);
    }
  });

  test('in other formats the first frame is the picture', async () => {
    const source = await animation('gif');
    for (const own of [
      { format: 'webp', animated: false },
      { format: 'jpeg', animated: true },
    ] as const) {
      const { bytes } = await renderOne(source, own);
      expect((await sharp(bytes).metadata()).pages ?? 1).toBe(1);
      expect(
        largestDifference(
          await quadrantsOf(bytes),
          Array.from({ length: 4 }, () => [255, 0, 0]),
        ),
      ).toBeLessThan(6);
    }
  });
});

describe('only the picture itself is kept', () => {
  test('EXIF, XMP, IPTC, comments, texts and profiles are dropped', async () => {
    const xmp =
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="CANARY"/></rdf:RDF></x:xmpmeta>';
    const tagged = (format: 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif') =>
      quadrants()
        .withExif({ IFD0: { Copyright: 'CANARY' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' } })
        .withXmp(xmp)
        .toFormat(format)
        .toBuffer();
    const jpeg = await tagged('jpeg');
    const comment = Buffer.concat([jpeg.subarray(0, 2), Buffer.from('\xff\xfe\0\x08CANARY', 'latin1'), jpeg.subarray(2), Buffer.from('CANARY behind the end')]);
    const sources = [comment, await tagged('png'), await tagged('webp'), await tagged('tiff'), await tagged('avif')];
    for (const source of sources) {
      expect(source.includes('CANARY')).toBe(true);
      const { outputs } = await renderAll(
        source,
        (['source', 'webp', 'jpeg', 'png', 'avif'] as const).map((format) => rule({ role: format, format })),
        true,
      );
      for (const { bytes } of outputs) {
        expect(bytes.includes('CANARY')).toBe(false);
        const { exif, xmp: leftXmp, iptc, icc, comments } = await sharp(bytes).metadata();
        expect([exif, leftXmp, iptc, icc, comments]).toEqual([undefined, undefined, undefined, undefined, undefined]);
      }
    }
  });

  test('the names of artist and copyright holder are kept if requested, and nothing else with them', async () => {
    const secret = 'at home, 52.5 N 13.4 E';
    const source = await sharp((await photoLike(80, 60)).data, { raw: { width: 80, height: 60, channels: 3 } })
      .withExif({
        IFD0: { Artist: 'Ada Lovelace', Copyright: '2026 Ada & Co', ImageDescription: secret, Make: 'SecretCam', Software: 'SecretSoft' },
        IFD2: { UserComment: secret },
        IFD3: { GPSLatitude: '52/1 30/1 0/1' },
      })
      .jpeg()
      .toBuffer();
    const formats = ['jpeg', 'png', 'webp', 'avif'] as const;
    const rules = formats.map((format) => rule({ role: format, format }));
    const { outputs } = await renderAll(source, rules, false, { keepCopyright: true });
    for (const { role, bytes } of outputs) {
      expect(await readCopyright(bytes), role).toEqual({ Artist: 'Ada Lovelace', Copyright: '2026 Ada & Co' });
      const { exif, xmp, iptc } = await sharp(bytes).metadata();
      expect(iptc).toBeUndefined();
      expect(xmp?.toString().match(/<dc:\w+/g)).toEqual(['<dc:creator', '<dc:rights']);
      expect(exif?.includes('2026 Ada & Co'), role).toBe(true);
      expect(exif?.toString('latin1'), role).not.toMatch(/Secret|home|13\.4|GPS/);
      expect(exif?.length, 'two texts and what EXIF cannot do without').toBeLessThan(400);
    }
    for (const { bytes } of (await renderAll(source, rules)).outputs) expect((await sharp(bytes).metadata()).exif).toBeUndefined();
    const unsigned = await sharp(source).jpeg().toBuffer();
    for (const { bytes } of (await renderAll(unsigned, rules, false, { keepCopyright: true })).outputs)
      expect((await sharp(bytes).metadata()).exif).toBeUndefined();
  });

  test('the names are found in XMP alone as well, and damaged metadata is no error', async () => {
    const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>Grace Hopper</rdf:li></rdf:Seq></dc:creator><dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Grüße &amp; Co</rdf:li></rdf:Alt></dc:rights></rdf:Description></rdf:RDF></x:xmpmeta>`;
    const base = sharp({ create: { width: 20, height: 20, channels: 3, background: '#336699' } });
    const source = await base.clone().withXmp(xmp).jpeg().toBuffer();
    const [output] = (await renderAll(source, [rule({ format: 'jpeg' })], false, { keepCopyright: true })).outputs;
    for (const bytes of [source, output?.bytes ?? Buffer.alloc(0)])
      expect(await readCopyright(bytes)).toEqual({ Artist: 'Grace Hopper', Copyright: '© Grüße & Co' });
    const signed = await base
      .clone()
      .withExif({ IFD0: { Copyright: 'Somebody', Artist: 'Anybody' } })
      .jpeg()
      .toBuffer();
    const begin = signed.indexOf('Exif');
    for (let at = begin + 6; at < begin + 60; at++) {
      const damaged = Buffer.from(signed);
      damaged[at] = 0xff;
      await expect(renderAll(damaged, [rule({ format: 'jpeg' })], false, { keepCopyright: true }), `byte ${at}`).resolves.toBeDefined();
    }
  });

  test('a text that would decompress to a gigabyte is not decompressed', async () => {
    const png = await quadrants().png().toBuffer();
    const bomb = Buffer.alloc(12 + 400_000, 0x55);
    bomb.writeUInt32BE(400_000);
    bomb.write('zTXtComment\0\0', 4, 'latin1');
    const { bytes } = await renderOne(Buffer.concat([png.subarray(0, 33), bomb, png.subarray(33)]));
    expect(largestDifference(await quadrantsOf(bytes), quadrantColours)).toBeLessThan(3);
  });
});

describe('damaged pictures are refused', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('%s cut in half', async (format) => {
    const photo = await photoLike(300, 200);
    const whole = await sharp(photo.data, { raw: photo }).toFormat(format).toBuffer();
    expect(await codeOf((async () => renderOne(whole.subarray(0, whole.length / 2)))())).toBe('corrupt_media');
  });

  test('HEIC cut at its end', async () => {
    const whole = await fixture('quadrants.heic');
    expect(await codeOf((async () => renderOne(whole.subarray(0, whole.length - 100)))())).toBe('corrupt_media');
  });

  test('a file that announces one size and holds another', async () => {
    const gif = await quadrants().gif().toBuffer();
    const header = readHeader(gif);
    const outcome = render(
      gif,
      { ...header, storedWidth: 500, width: 500 },
      { outputs: [rule()], blur: false },
      { output: async () => {}, progress: () => {} },
    );
    expect(await codeOf(outcome)).toBe('corrupt_media');
  });
});

describe('AVIF as other programs write it', () => {
  const clear = { create: { width: 64, height: 64, channels: 4 as const, background: { r: 200, g: 100, b: 50, alpha: 0.25 } } };

  test('premultiplied colours are restored', async () => {
    const stored = { create: { ...clear.create, background: { r: 50, g: 25, b: 12, alpha: 0.25 } } };
    const avif = premultiplied(await sharp(stored).avif({ quality: 100, effort: 0, chromaSubsampling: '4:4:4' }).toBuffer());
    expect(readHeader(avif).isPremultiplied).toBe(true);
    const { bytes } = await renderOne(avif);
    const [r = 0, g = 0, b = 0, alpha = 0] = await sharp(bytes).raw().toBuffer();
    expect(Math.max(Math.abs(r - 200), Math.abs(g - 100), Math.abs(b - 50), Math.abs(alpha - 64))).toBeLessThan(10);
  });

  test('of a sequence, the still picture in it', async () => {
    const still = await quadrants().avif({ quality: 90, effort: 0 }).toBuffer();
    const moov = ['stbl', 'minf', 'mdia', 'trak', 'moov'].reduce(
      (inner, type) => isoBox(type, inner),
      isoBox('stsz', Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3])),
    );
    const sequence = Buffer.concat([still, moov]);
    // As libavif writes it: the sequence brand as major, and a compatible brand besides.
    sequence.write('avis', 8, 'latin1');
    sequence.write('msf1', sequence.indexOf('miaf'), 'latin1');
    expect(readHeader(sequence)).toMatchObject({ mimeType: 'image/avif', frames: 3, decodableFrames: 1 });
    expect(largestDifference(await quadrantsOf((await renderOne(sequence)).bytes), quadrantColours)).toBeLessThan(8);
  });

  test('a sequence without a still picture is refused, and told what to send instead', () => {
    const sequence = Buffer.concat([isoBox('ftyp', Buffer.from('avis\0\0\0\0avisavifmsf1')), isoBox('moov', Buffer.alloc(8))]);
    expect(() => readHeader(sequence)).toThrow(/sequence of pictures that is not read here, and no single one.*WebP or GIF/);
  });
});

test('frames without a duration are shown for a tenth of a second, like in browsers', async () => {
  const frames = await Promise.all(
    ['#f00', '#0f0', '#00f'].map((background) =>
      sharp({ create: { width: 20, height: 20, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const gif = await sharp(frames, { join: { animated: true } })
    .gif({ delay: [0, 10, 70] })
    .toBuffer();
  for (const format of ['source', 'webp'] as const) {
    const { bytes } = await renderOne(gif, { format, animated: true });
    expect([format, (await sharp(bytes).metadata()).delay]).toEqual([format, [100, 100, 70]]);
  }
});

test('an AVIF that stays an AVIF is encoded with no more effort than its size allows', async () => {
  const avif = await quadrants().avif({ effort: 0 }).toBuffer();
  const [much, enough] = [await renderOne(avif, { format: 'source', effort: 6 }), await renderOne(avif, { format: 'source', effort: 2 })];
  expect(much.bytes.equals(enough.bytes)).toBe(true);
});
