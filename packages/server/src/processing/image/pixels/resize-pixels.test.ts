import { expect, test } from 'vitest';
import { noise, resizeExactly } from '../../../../test/support/exact-resize.ts';
import type { Size } from '../plan-outputs.ts';
import { withPixelMemory, type PixelMemory } from './pixel-memory.ts';
import { canResize, resizePixels } from './resize-pixels.ts';

const fresh = (): PixelMemory => ({ room: null });

const steps: [Size, Size][] = [
  [
    { width: 80, height: 60 },
    { width: 64, height: 48 },
  ],
  [
    { width: 97, height: 61 },
    { width: 53, height: 33 },
  ],
  [
    { width: 64, height: 64 },
    { width: 64, height: 64 },
  ],
  [
    { width: 131, height: 9 },
    { width: 17, height: 2 },
  ],
  [
    { width: 5, height: 190 },
    { width: 1, height: 30 },
  ],
  [
    { width: 3, height: 1 },
    { width: 2, height: 1 },
  ],
  [
    { width: 1, height: 1 },
    { width: 1, height: 1 },
  ],
];

test.each(steps)('%o becomes %o within one of 255 of exact arithmetic, also where every pixel is noise', (from, to) => {
  const picture = noise(from);
  const exact = resizeExactly(picture, to);
  const { data, ...size } = resizePixels(fresh(), picture, to);
  expect(size).toEqual({ ...to, channels: 3 });
  expect(data.length).toBe(exact.length);
  expect(Math.max(...exact.map((value, i) => Math.abs(value - (data[i] ?? -99))))).toBeLessThan(1);
});

test('a flat picture stays the same, whatever its colour, its size and the factor', () => {
  for (let value = 0; value < 256; value++) {
    const from = { width: 16 + (value % 49), height: 8 + (value % 23) };
    const to = { width: Math.max(2, from.width >> (value % 4)), height: Math.max(1, from.height >> (value % 4)) };
    const flat = { ...from, data: Buffer.alloc(from.width * from.height * 3, value), channels: 3 as const };
    expect([value, ...new Set(resizePixels(fresh(), flat, to).data)]).toEqual([value, value]);
  }
});

test('step by step in one memory gives the same result as separate memories', () => {
  const sizes = [
    { width: 71, height: 47 },
    { width: 40, height: 27 },
    { width: 21, height: 14 },
    { width: 9, height: 6 },
  ];
  const memory = fresh();
  let [within, apart] = [noise({ width: 90, height: 60 }), noise({ width: 90, height: 60 })];
  for (const size of sizes) {
    within = resizePixels(memory, within, size);
    apart = { ...resizePixels(fresh(), { ...apart, data: Buffer.from(apart.data) }, size) };
    expect(within.data.equals(apart.data)).toBe(true);
  }
});

test('a smaller copy leaves its source unchanged', () => {
  const memory = fresh();
  const picture = resizePixels(memory, noise({ width: 90, height: 60 }), { width: 70, height: 50 });
  const before = Buffer.from(picture.data);
  resizePixels(memory, picture, { width: 32, height: 23 });
  resizePixels(memory, picture, { width: 16, height: 11 });
  expect(picture.data.equals(before)).toBe(true);
});

test('pictures that are processed at the same time have separate memories, and the next ones reuse them', async () => {
  const work = async (seed: number): Promise<PixelMemory> =>
    await withPixelMemory(async (memory) => {
      const source = noise({ width: 60, height: 40 }, seed);
      const made = resizePixels(memory, source, { width: 30, height: 20 });
      await new Promise(setImmediate);
      expect(made.data.equals(resizePixels(fresh(), source, { width: 30, height: 20 }).data)).toBe(true);
      return memory;
    });
  const first = await Promise.all([1, 2, 3].map(work));
  expect(new Set(first).size).toBe(3);
  expect(first).toContain(await work(4));
});

test('pictures with alpha, larger ones and the smallest of huge ones are left to the library', () => {
  const size = { width: 100, height: 100 };
  expect(canResize({ ...size, channels: 3 }, { width: 50, height: 50 })).toBe(true);
  expect(canResize({ ...size, channels: 4 }, { width: 50, height: 50 })).toBe(false);
  expect(canResize({ ...size, channels: 3 }, { width: 101, height: 101 })).toBe(false);
  expect(canResize({ ...size, channels: 3 }, { width: 12, height: 12 })).toBe(false);
});
