import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

import type { DigitalSource } from '@safelight/contract/generation';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';

import { isoBox } from '../../../test/support/grid-heic.ts';
import { quadrants } from '../../../test/support/pictures.ts';
import { readHeader } from '../../filetypes/read-header.ts';
import type { ImageJob, ImageOutput } from '../image-rules.ts';
import { readDigitalSource } from './read-digital-source.ts';
import { render } from './render.ts';

const formats = ['jpeg', 'png', 'webp', 'avif'] as const;
const vocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

async function made(bytes: Buffer, more: Partial<ImageJob> = {}, format: ImageJob['outputs'][number]['format'] = 'source') {
  const outputs: ImageOutput[] = [];
  const rules = [90, 240].map((maxSide) => ({ role: `r${maxSide}`, maxSide, format, quality: 80, animated: true }));
  const facts = await render(
    bytes,
    readHeader(bytes),
    { outputs: rules, blur: false, ...more },
    { output: async (output) => void outputs.push(output), progress: () => undefined },
  );
  return { facts, outputs };
}

const xmp = (digitalSource: string): string =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="secret">${digitalSource}</rdf:Description></rdf:RDF></x:xmpmeta>`;

/** A C2PA store with one manifest whose action says how the picture was made, as CBOR. */
function manifest(term: string, padding = 0): Buffer {
  const described = (uuid: string, label: string): Buffer =>
    isoBox('jumd', Buffer.from(uuid), Buffer.from('0011001000800000aa00389b71', 'hex').subarray(1), Buffer.from([3]), Buffer.from(`${label}\0`));
  const text = (value: string): Buffer =>
    Buffer.concat([value.length < 24 ? Buffer.from([0x60 + value.length]) : Buffer.from([0x78, value.length]), Buffer.from(value)]);
  const actions = Buffer.concat([
    Buffer.from([0xa1]),
    text('actions'),
    Buffer.from([0x81, 0xa3]),
    text('action'),
    text('c2pa.created'),
    text('digitalSourceType'),
    text(vocabulary + term),
    text('name'),
    text('x'),
  ]);
  const assertion = isoBox('jumb', described('cbor', 'c2pa.actions'), isoBox('cbor', actions));
  const padded = isoBox('free', Buffer.alloc(padding, 0x41));
  return isoBox('jumb', described('c2pa', 'c2pa'), isoBox('jumb', described('c2ma', 'urn:uuid:1'), padded, assertion));
}

/** The picture with the manifest at the place of its format. */
function withManifest(picture: Buffer, format: (typeof formats)[number], store: Buffer): Buffer {
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  switch (format) {
    case 'jpeg': {
      const segments: Buffer[] = [];
      for (let at = 8, sequence = 1; at < store.length; at += 60_000, sequence++) {
        const body = Buffer.concat([Buffer.from('JP\0\x01'), u32(sequence), store.subarray(0, 8), store.subarray(at, at + 60_000)]);
        segments.push(Buffer.from([0xff, 0xeb, (body.length + 2) >> 8, (body.length + 2) & 0xff]), body);
      }
      return Buffer.concat([picture.subarray(0, 2), ...segments, picture.subarray(2)]);
    }
    case 'png': {
      const named = Buffer.concat([Buffer.from('caBX'), store]);
      return Buffer.concat([picture.subarray(0, 33), u32(store.length), named, u32(crc32(named)), picture.subarray(33)]);
    }
    case 'webp': {
      const chunk = Buffer.concat([Buffer.from('C2PA'), u32(store.length).reverse(), store, Buffer.alloc(store.length & 1)]);
      const whole = Buffer.concat([picture, chunk]);
      whole.writeUInt32LE(whole.length - 8, 4);
      return whole;
    }
    case 'avif':
      return Buffer.concat([
        picture,
        isoBox('uuid', Buffer.from('d8fec3d61b0e483c92975828877ec481', 'hex'), Buffer.alloc(4), Buffer.from('manifest\0'), Buffer.alloc(8), store),
      ]);
    default:
      return format satisfies never;
  }
}

describe('the mark of a generated picture', () => {
  test.each(formats)('is all that outputs in %s say of themselves, and the same bytes each time', async (format) => {
    const source = await quadrants()
      .withExif({ IFD0: { Artist: 'Secret' } })
      .withXmp(xmp(''))
      .png()
      .toBuffer();
    const digitalSource = 'trainedAlgorithmicMedia';
    const [first, again] = [await made(source, { digitalSource }, format), await made(source, { digitalSource }, format)];
    expect(first.facts.digitalSource).toBe(digitalSource);
    for (const [i, { bytes }] of first.outputs.entries()) {
      expect(bytes.equals(again.outputs[i]?.bytes ?? Buffer.alloc(0))).toBe(true);
      const { exif, iptc, xmp: written } = await sharp(bytes).metadata();
      expect([exif, iptc]).toEqual([undefined, undefined]);
      expect(written?.toString()).toContain(`${vocabulary}${digitalSource}`);
      expect(written?.toString()).not.toContain('ecret');
    }
  });

  test.each([
    ['an attribute', (term: string) => xmp('').replace('dc:format="secret"', `Iptc4xmpExt:DigitalSourceType="${vocabulary}${term}"`)],
    ['an element', (term: string) => xmp(`<Iptc4xmpExt:DigitalSourceType>${vocabulary}${term}</Iptc4xmpExt:DigitalSourceType>`)],
    ['a resource', (term: string) => xmp(`<Iptc4xmpExt:DigitalSourceType rdf:resource="${vocabulary}${term}"/>`)],
  ])('of an upload is kept by its variants where its XMP has it as %s', async (_how, packet) => {
    for (const format of formats) {
      const source = await quadrants().withXmp(packet('compositeWithTrainedAlgorithmicMedia')).toFormat(format).toBuffer();
      const { facts, outputs } = await made(source);
      expect(facts.digitalSource, format).toBe('compositeWithTrainedAlgorithmicMedia');
      for (const { bytes } of outputs) expect(readDigitalSource(bytes), format).toBe('compositeWithTrainedAlgorithmicMedia');
      const camera = await quadrants().withXmp(packet('digitalCapture')).toFormat(format).toBuffer();
      expect((await made(camera)).facts.digitalSource, format).toBeNull();
    }
  });

  test.each(formats)('of an upload is kept by its variants where a C2PA manifest in %s names it', async (format) => {
    const picture = await quadrants().toFormat(format).toBuffer();
    for (const padding of [0, 59_700, 59_850, 130_000]) {
      const { facts, outputs } = await made(withManifest(picture, format, manifest('trainedAlgorithmicMedia', padding)));
      expect(facts.digitalSource, String(padding)).toBe('trainedAlgorithmicMedia');
      for (const { bytes } of outputs) expect(readDigitalSource(bytes)).toBe('trainedAlgorithmicMedia');
    }
    expect((await made(withManifest(picture, format, manifest('digitalCapture')))).facts.digitalSource).toBeNull();
  });

  test('is kept in a GIF, which every reader still shows', async () => {
    const { outputs } = await made(await quadrants().gif().toBuffer(), { digitalSource: 'algorithmicMedia' });
    for (const { bytes, width } of outputs) {
      expect(readDigitalSource(bytes)).toBe('algorithmicMedia');
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'gif', width });
    }
  });

  test('is never invented: its words elsewhere in a file, or cut off, mean nothing', async () => {
    const words = `digitalSourceType x ${vocabulary}trainedAlgorithmicMedia`;
    const plain = await quadrants().jpeg().toBuffer();
    for (const odd of [
      Buffer.concat([plain, Buffer.from(words)]),
      await quadrants()
        .withExif({ IFD0: { ImageDescription: words } })
        .jpeg()
        .toBuffer(),
    ])
      expect((await made(odd)).facts.digitalSource).toBeNull();
    for (const { bytes } of (await made(plain)).outputs) expect((await sharp(bytes).metadata()).xmp).toBeUndefined();
    const whole = withManifest(plain, 'jpeg', manifest('trainedAlgorithmicMedia', 200));
    for (let length = 0; length < 700; length += 7) expect([null, 'trainedAlgorithmicMedia']).toContain(readDigitalSource(whole.subarray(0, length)));
  });
});

const hasReader = ((): boolean => {
  try {
    return execFileSync('exiftool', ['-ver']).length > 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasReader)(`the mark as exiftool reads it${hasReader ? '' : ' (skipped: exiftool is not installed)'}`, () => {
  const read = async (bytes: Buffer): Promise<Record<string, unknown>> => {
    const folder = await mkdtemp(join(tmpdir(), 'safelight-mark-'));
    onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'picture'), bytes);
    const { stdout } = await promisify(execFile)('exiftool', ['-json', '-G1', '-a', '-n', '-XMP:all', '-EXIF:all', '-IPTC:all', join(folder, 'picture')]);
    const [tags] = JSON.parse(stdout) as Record<string, unknown>[];
    return Object.fromEntries(Object.entries(tags ?? {}).filter(([name]) => name !== 'SourceFile'));
  };

  test.each([...formats, 'gif'] as const)('it is the one thing that a picture in %s says', async (format) => {
    const terms: DigitalSource[] = ['trainedAlgorithmicMedia', 'compositeWithTrainedAlgorithmicMedia', 'algorithmicMedia'];
    for (const digitalSource of terms) {
      const { outputs } = await made(await quadrants().toFormat(format).toBuffer(), { digitalSource });
      for (const { bytes } of outputs) expect(await read(bytes)).toEqual({ 'XMP-iptcExt:DigitalSourceType': vocabulary + digitalSource });
    }
  });
});
