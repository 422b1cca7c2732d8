import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { ImageFacts, ImageLimits, ImageOutput, OutputRule } from '../image-rules.ts';
import { compareDeclaredType } from '../../filetypes/compare-declared-type.ts';
import { sniffType } from '../../filetypes/sniff.ts';
import { openDecoderPool, type DecoderPool } from './decoder-pool.ts';

/** The corpus is beside the repository and not part of it: real photos of many cameras, and malicious files. */
const corpus = new URL('../../../../../../shared/corpus/', import.meta.url);
const isThere = existsSync(corpus);

type Entry = {
  file: string;
  declared_type: string;
  width: number | null;
  height: number | null;
  icc: string | null;
  expected: { verdict: 'accept' | 'reject'; reason: string | null; also_ok: string[] };
};
type Manifest = {
  policy_P0: { images: { types: string[]; max_pixels: number; max_frames: number; max_total_pixels: number; min_side: number; max_aspect: number } };
  files: Entry[];
};

const manifest = isThere ? (JSON.parse(readFileSync(new URL('manifest.json', corpus), 'utf8')) as Manifest) : null;
const rules = manifest?.policy_P0.images;
const isImage = ({ file }: Entry): boolean => file.startsWith('images/') || (file.startsWith('hostile/') && /\.(jpe?g|png|gif|webp|heic|svg)$/.test(file));
const entries = manifest?.files.filter(isImage) ?? [];

const outputs: OutputRule[] = [
  { role: 'canonical', maxSide: 2560, format: 'source', quality: 85, animated: true },
  { role: 'exact', maxSide: 640, format: 'png', quality: 100, animated: false },
  ...[2048, 1280, 800, 400, 160].map((maxSide) => ({ role: `at${maxSide}`, maxSide, format: 'webp' as const, quality: 80, animated: false })),
];

type Outcome = { verdict: string; detail: string; facts: ImageFacts | null; outputs: ImageOutput[] };

async function process(pool: DecoderPool, entry: Entry): Promise<Outcome> {
  const path = fileURLToPath(new URL(entry.file, corpus));
  const made: ImageOutput[] = [];
  const ended = (verdict: string, detail: string, facts: ImageFacts | null): Outcome => ({ verdict, detail, facts, outputs: made });
  const head = await readFile(path);
  const problem =
    head.length === 0 ? null : compareDeclaredType(sniffType(head), { contentType: entry.declared_type, fileName: entry.file }, rules?.types ?? []);
  if (problem !== null) return ended(`reject:${problem.code}`, problem.detail, null);
  const limits: ImageLimits = {
    acceptedTypes: rules?.types ?? [],
    maxPixels: rules?.max_pixels ?? 0,
    maxFrames: rules?.max_frames ?? 0,
    maxTotalPixels: rules?.max_total_pixels ?? 0,
    minWidth: rules?.min_side ?? 0,
    minHeight: rules?.min_side ?? 0,
    minAspectRatio: 1 / (rules?.max_aspect ?? 1),
    maxAspectRatio: rules?.max_aspect ?? 1,
  };
  try {
    const facts = await pool.run(
      { sourcePath: path, limits, outputs, blur: true },
      { signal: new AbortController().signal, onOutput: async (output) => void made.push(output) },
    );
    return ended('accept', '', facts);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return ended(`reject:${code ?? 'unexpected'}`, message, null);
  }
}

describe.skipIf(!isThere)('the corpus (skipped without ../shared/corpus)', () => {
  const outcomes = new Map<string, Outcome>();
  const outcomeOf = (file: string): Outcome => {
    const outcome = outcomes.get(file);
    if (outcome === undefined) throw new Error(`${file} was not processed`);
    return outcome;
  };
  const exactOf = (file: string): Buffer => {
    const output = outcomeOf(file).outputs.find(({ role }) => role === 'exact');
    if (output === undefined) throw new Error(`${file} has no lossless output: ${outcomeOf(file).detail}`);
    return output.bytes;
  };

  beforeAll(async () => {
    const pool = openDecoderPool({ size: 2, memoryBudgetBytes: 1.5e9, deadlineMs: 60_000 });
    await Promise.all(entries.map(async (entry) => outcomes.set(entry.file, await process(pool, entry))));
    expect(pool.status()).toMatchObject({ waiting: 0, reservedBytes: 0 });
    await pool.close();
  }, 180_000);

  test.each(entries)('$file gets the verdict of the manifest', ({ file, expected }) => {
    const wanted = expected.verdict === 'accept' ? 'accept' : `reject:${expected.reason}`;
    const { verdict, detail } = outcomeOf(file);
    const accepted = [wanted, ...expected.also_ok.map((other) => (other.startsWith('accept') ? 'accept' : other))];
    expect([accepted.includes(verdict), verdict, detail]).toEqual([true, verdict, detail]);
  });

  test.each(entries.filter(({ expected }) => expected.verdict === 'accept'))('$file has the upright size of the manifest', ({ file, width, height }) => {
    const { facts, verdict } = outcomeOf(file);
    if (verdict === 'accept') expect([facts?.width, facts?.height]).toEqual([width, height]);
  });

  test('decompression bombs are refused by their headers', () => {
    for (const name of ['bomb_30000x30000_1bit.png', 'lottapixel_64250x64250.jpg', 'bomb_16383x16383.webp', 'frames_20000.gif', 'scans_883_48mp.jpg']) {
      const { verdict, outputs: made } = outcomeOf(`hostile/${name}`);
      expect([name, made.length]).toEqual([name, 0]);
      expect(['reject:too_many_pixels', 'reject:too_many_frames', 'reject:resource_limit']).toContain(verdict);
    }
  });

  test('the eight EXIF orientations look the same', async () => {
    const pixels = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map((orientation) =>
        sharp(exactOf(`images/exif_orientation_${orientation}.jpg`))
          .removeAlpha()
          .raw()
          .toBuffer(),
      ),
    );
    const [first = Buffer.alloc(0)] = pixels;
    // The files were encoded one by one, so noise differs; a wrong orientation would differ by tens.
    for (const other of pixels) expect(meanDifference(first, other)).toBeLessThan(4);
  });

  test('nothing of the source’s metadata is in any output', async () => {
    for (const [file, { outputs: made }] of outcomes) {
      for (const { role, bytes } of made) {
        for (const canary of ['PRIVATE-CANARY', 'POLYGLOT-CANARY', 'Exif\0\0', 'http://ns.adobe.com', 'Photoshop 3.0', '<?php', 'GPS']) {
          expect([file, role, canary, bytes.includes(canary)]).toEqual([file, role, canary, false]);
        }
        const { exif, xmp, iptc, icc, comments } = await sharp(bytes).metadata();
        expect([file, role, exif, xmp, iptc, icc, comments]).toEqual([file, role, undefined, undefined, undefined, undefined, undefined]);
      }
    }
  });

  describe('looks as in an independent decoder', () => {
    const run = promisify(execFile);
    let directory: string;
    beforeAll(async () => {
      directory = await temporaryDirectory();
    });

    /**
     * Mean difference between our picture and the other decoder's, in 8-bit steps. Both are reduced to 160 pixels in the same way, so that colours
     * and positions are compared and not the sharpness of two resizers. Rounding contributes up to 0.4, a dropped profile 1.4 and more.
     */
    async function difference(file: string, reference: string): Promise<number> {
      const { width, height } = await sharp(exactOf(file)).metadata();
      const scale = Math.min(1, 160 / Math.max(width, height));
      const theirs = await sharp(await readFile(reference))
        .resize({ width, height, fit: 'fill', kernel: 'lanczos2' })
        .toBuffer();
      const small = async (picture: Buffer): Promise<Buffer> => {
        const size = { width: Math.round(width * scale), height: Math.round(height * scale), fit: 'fill' as const };
        return sharp(picture).flatten({ background: '#fff' }).resize(size).toColourspace('srgb').removeAlpha().raw().toBuffer();
      };
      return meanDifference(await small(exactOf(file)), await small(theirs));
    }

    // libheif's own tool copies the profile into its PNG without converting; sharp converts that PNG here.
    const heif = ['images/heic_iphone_grid_12mp_gps.heic', 'images/heic_irot_12mp.heic', 'images/heif_10bit.heif'];
    test.skipIf(!isInstalled('heif-convert')).each(heif)('%s and heif-convert (skipped without libheif-examples)', async (file) => {
      const made = join(directory, `${basename(file)}.png`);
      await run('heif-convert', [fileURLToPath(new URL(file, corpus)), made]);
      expect(await difference(file, made)).toBeLessThan(0.8);
    });

    // Left out: pictures that ImageMagick 6 cannot read, rotate (PNG's eXIf) or compare (other ideas of CMYK, of animations, of HDR).
    const others = entries
      .map(({ file }) => file)
      .filter((file) => /^images\/.*\.(jpe?g|mpo|png|webp|tiff)$/.test(file) && !/cmyk|apng|animated|png_exif/.test(file));
    test.skipIf(!isInstalled('convert')).each(others)('%s and convert (skipped without ImageMagick)', async (file) => {
      const made = join(directory, `${basename(file)}.png`);
      await run('convert', [`${fileURLToPath(new URL(file, corpus))}[0]`, '-auto-orient', '-resize', '1280x1280>', made]);
      expect(await difference(file, made)).toBeLessThan(0.8);
    });
  });
});

function isInstalled(tool: string): boolean {
  return spawnSync('which', [tool]).status === 0;
}

function meanDifference(a: Buffer, b: Buffer): number {
  expect(a.length).toBe(b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / Math.max(1, a.length);
}
