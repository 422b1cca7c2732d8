import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { makePdf, type DocumentOptions } from '../../../test/support/documents.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { ImageOutput } from '../image-rules.ts';
import { openDecoderPool, type DecoderPool } from './decoder-pool.ts';

const limits = { acceptedTypes: ['*/*'], maxPixels: 50e6, maxFrames: 500, maxTotalPixels: 1e9 };

let pool: DecoderPool;
let file: string;
beforeAll(async () => {
  pool = openDecoderPool({ size: 1, memoryBudgetBytes: 1e9, deadlineMs: 20_000 });
  file = path.join(await temporaryDirectory(), 'book.pdf');
});
afterAll(async () => await pool.close());

async function cover(bytes: Buffer): Promise<ImageOutput> {
  await writeFile(file, bytes);
  const made: ImageOutput[] = [];
  const outputs = [{ role: 'preview', maxSide: 800, maxShare: 0.5, format: 'webp', quality: 90, animated: false } as const];
  await pool.run(
    { sourcePath: file, limits, outputs, blur: true },
    { signal: new AbortController().signal, onOutput: async (output) => void made.push(output) },
  );
  const [output] = made;
  if (output === undefined) throw new Error('nothing was drawn');
  return output;
}

/** The colour at a position, as fractions of both sides. */
async function colourAt({ bytes, width, height }: ImageOutput, x: number, y: number): Promise<number[]> {
  const data = await sharp(bytes).removeAlpha().raw().toBuffer();
  const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 3;
  return [...data.subarray(at, at + 3)].map((value) => Math.round(value / 64) * 64);
}

const sizes: [string, DocumentOptions, number[]][] = [
  ['upright', {}, [600, 800]],
  ['tiny', { size: [3, 4] }, [600, 800]],
  ['as large as the format knows', { size: [14_400, 14_400], pages: 3 }, [800, 800]],
];
test.each(sizes)('the first page of a document is drawn, %s', async (_, options, size) => {
  const drawn = await cover(await makePdf(options));
  expect([drawn.width, drawn.height, drawn.mimeType]).toEqual([...size, 'image/webp']);
  expect([await colourAt(drawn, 0.5, 0.25), await colourAt(drawn, 0.5, 0.75)]).toEqual([
    [256, 0, 0],
    [0, 0, 256],
  ]);
});

test('a rotated page is shown rotated', async () => {
  const drawn = await cover(await makePdf({ turned: 90 }));
  expect([drawn.width, drawn.height]).toEqual([800, 600]);
  expect([await colourAt(drawn, 0.25, 0.5), await colourAt(drawn, 0.75, 0.5)]).toEqual([
    [0, 0, 256],
    [256, 0, 0],
  ]);
});

test('a document that requires a password, has no page or is damaged is refused, and its decoder continues', async () => {
  const whole = await makePdf();
  await cover(whole);
  const [before] = pool.status().decoders;
  for (const bytes of [
    await makePdf({ password: 'x' }),
    Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n'),
    whole.subarray(0, 200),
    Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(5000)]),
  ])
    await expect(cover(bytes)).rejects.toMatchObject({ code: 'corrupt_media' });
  await cover(whole);
  expect(pool.status().decoders.map(({ pid }) => pid)).toEqual([before?.pid]);
});
