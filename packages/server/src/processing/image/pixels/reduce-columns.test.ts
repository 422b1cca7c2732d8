import { expect, test } from 'vitest';
import { noise, resizeExactly } from '../../../../test/support/exact-resize.ts';
import type { Orientation } from '../../../filetypes/headers/image-header.ts';
import { reduceColumns } from './reduce-columns.ts';
import { resizePixels } from './resize-pixels.ts';
import { turnPixels } from './turn-pixels.ts';

const orientations: Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];

const steps = [
  [80, 48, 64],
  [97, 33, 53],
  [131, 17, 17],
  [40, 1, 25],
  [5, 30, 1],
  [3, 7, 2],
  [2, 1, 1],
  [64, 16, 63],
] as const;

test.each(steps)('%i columns of %i pixels become %i within one of 255 of exact arithmetic, also where every pixel is noise', (from, height, width) => {
  const exact = resizeExactly(noise({ width: from, height }), { width, height });
  const { data, ...size } = reduceColumns({ room: null }, noise({ width: from, height }), width, 1);
  expect(size).toEqual({ width, height, channels: 3 });
  expect(data.length).toBe(exact.length);
  expect(Math.max(...exact.map((value, i) => Math.abs(value - (data[i] ?? -99))))).toBeLessThan(1);
});

test.each(orientations)('what lies as EXIF orientation %i says is made upright as it would be afterwards', (orientation) => {
  for (const [from, height, width] of steps) {
    const reduced = resizePixels({ room: null }, noise({ width: from, height }), { width, height });
    const { data, ...size } = turnPixels({ room: null }, reduced, orientation);
    const made = reduceColumns({ room: null }, noise({ width: from, height }), width, orientation);
    expect({ width: made.width, height: made.height, channels: made.channels }).toEqual(size);
    expect(made.data.equals(data), `${from} × ${height} to ${width}`).toBe(true);
  }
});

test('its source memory is released, and the next sizes are made from it in the same memory', () => {
  const memory = { room: null };
  const picture = noise({ width: 400, height: 100 });
  const reduced = reduceColumns(memory, picture, 251, 6);
  expect(picture.data.length).toBe(0);
  const apart = { ...reduced, data: Buffer.from(reduced.data) };
  const target = { width: 50, height: 125 };
  expect(resizePixels(memory, reduced, target).data.equals(resizePixels({ room: null }, apart, target).data)).toBe(true);
});
