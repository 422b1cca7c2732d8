import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { WatermarkRule } from '../image-rules.ts';
import { drawWatermark, loadWatermark } from './draw-watermark.ts';
import type { RawPicture } from './raw-picture.ts';

const grey = (width: number, height: number, channels: 3 | 4 = 3): RawPicture => ({
  data: Buffer.alloc(width * height * channels, 100),
  width,
  height,
  channels,
});
const draw = async (picture: RawPicture, rule: WatermarkRule): Promise<RawPicture> => await drawWatermark(picture, await loadWatermark(rule));
/** The changed fraction of each quarter of a picture. */
function changed({ data, width, height, channels }: RawPicture): number[] {
  const quarters = [0, 0, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const quarter = (y * 2 >= height ? 2 : 0) + (x * 2 >= width ? 1 : 0);
      if (data[(y * width + x) * channels] !== 100) quarters[quarter] = (quarters[quarter] ?? 0) + 1;
    }
  return quarters.map((count) => count / ((width * height) / 4));
}

test('a text covers a whole picture, the same each time, and leaves most of it visible', async () => {
  const rule = { mark: { text: 'Safelight © 2026' }, opacity: 0.5, tile: true };
  const drawn = await draw(grey(400, 300), rule);
  expect({ width: drawn.width, height: drawn.height, channels: drawn.channels }).toEqual({ width: 400, height: 300, channels: 3 });
  for (const share of changed(drawn)) {
    expect(share).toBeGreaterThan(0.01);
    expect(share).toBeLessThan(0.5);
  }
  expect((await draw(grey(400, 300), rule)).data.equals(drawn.data)).toBe(true);
});

test('drawn once, it is in the middle', async () => {
  const drawn = await draw(grey(400, 300), { mark: { text: 'SAMPLE' }, opacity: 1, tile: false });
  const edge = Array.from({ length: 400 }, (_, x) => drawn.data[x * 3]);
  expect(new Set(edge)).toEqual(new Set([100]));
  for (const share of changed(drawn)) expect(share).toBeGreaterThan(0.005);
});

test('a picture is drawn with its own transparency, and no more opaque than requested', async () => {
  const file = path.join(await temporaryDirectory(), 'mark.png');
  const red = { create: { width: 900, height: 300, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 1 } } } as const;
  await writeFile(file, await sharp(red).png().toBuffer());
  const drawn = await draw(grey(100, 100), { mark: { path: file }, opacity: 0.5, tile: false });
  const middle = (50 * 100 + 50) * 3;
  expect([...drawn.data.subarray(middle, middle + 3)]).toEqual([expect.closeTo(178, -1), expect.closeTo(50, -1), expect.closeTo(50, -1)]);
  expect(drawn.data[0]).toBe(100);
});

test('pictures smaller than the mark, and transparent ones, are covered as well', async () => {
  for (const [width, height] of [
    [1, 1],
    [3, 40],
    [40, 3],
  ] as const)
    for (const tile of [true, false])
      for (const channels of [3, 4] as const) {
        const drawn = await draw(grey(width, height, channels), { mark: { text: 'a long text that is wider than it' }, opacity: 1, tile });
        expect({ width: drawn.width, height: drawn.height, channels: drawn.channels }).toEqual({ width, height, channels });
        expect(drawn.data).toHaveLength(width * height * channels);
      }
});
