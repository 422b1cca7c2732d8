import { srgbToLinear } from './is-srgb-profile.ts';
import { workIn, type PixelMemory } from './pixels/pixel-memory.ts';
import { bringIn, moveIn } from './pixels/resize-pixels.ts';
import type { RawPicture } from './raw-picture.ts';
import type { Curve, MatrixProfile } from './read-matrix-profile.ts';

/** A conversion to sRGB by three curves and a matrix on linear light. */
export type MatrixConversion = { curves: readonly [Curve, Curve, Curve]; toLinearSrgb: readonly number[] };

/** The inverse of sRGB's XYZ (D50) matrix. */
const xyzToLinearSrgb = [3.1338561, -1.6168667, -0.4906146, -0.9787684, 1.9161415, 0.033454, 0.0719453, -0.2289914, 1.4052427];

/** From linear light of other primaries (CICP code points) to that of sRGB, D65 on both sides. */
const primariesToLinearSrgb: Readonly<Record<number, readonly number[]>> = {
  9: [1.660491, -0.587641, -0.07285, -0.12455, 1.1329, -0.008349, -0.018151, -0.100579, 1.11873],
  11: [1.22494, -0.22494, 0, -0.042057, 1.042057, 0, -0.019638, -0.078636, 1.098274],
  12: [1.22494, -0.22494, 0, -0.042057, 1.042057, 0, -0.019638, -0.078636, 1.098274],
};

const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1] as const;

export const linearSrgbOfPrimaries = (primaries: number): readonly number[] => primariesToLinearSrgb[primaries] ?? identity;

export function conversionOfProfile({ toXyz, curves }: MatrixProfile): MatrixConversion {
  const cell = (row: number, column: number): number =>
    [0, 1, 2].reduce((sum, k) => sum + (xyzToLinearSrgb[3 * row + k] ?? 0) * (toXyz[3 * k + column] ?? 0), 0);
  return { curves, toLinearSrgb: [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => cell(row, column))) };
}

/** Null when the primaries are sRGB's, so that there is nothing to convert. */
export function conversionOfPrimaries(primaries: number): MatrixConversion | null {
  return primaries in primariesToLinearSrgb ? { curves: [srgbToLinear, srgbToLinear, srgbToLinear], toLinearSrgb: linearSrgbOfPrimaries(primaries) } : null;
}

/** Steps of linear light; in the steepest part of sRGB's curve, one step changes an 8-bit value by 0.8. */
const steps = 4096;
/** Extra bits of precision for the sums, before a step is chosen. */
const partBits = 8;
/** The table covers light from -1.4 to 2.6, far beyond what any real primaries make of white. */
const below = 1.4;
const above = 2.6;

let encode: Uint8Array | undefined;

/**
 * Converts 8-bit pixels to sRGB in `memory`; alpha stays. Colours outside sRGB are clipped, as a colour engine does between matrix profiles. It adds
 * three table entries per pixel, and saves copying the pixels to the engine and back: a tenth of its time. Never off by more than one of 255 from
 * exact arithmetic.
 */
export function convertMatrix(picture: RawPicture, { curves, toLinearSrgb }: MatrixConversion, memory: PixelMemory): RawPicture {
  encode ??= Uint8Array.from({ length: Math.round((below + above) * steps) }, (_, step) => toSrgbByte(step / steps - below));
  const parts = steps * 2 ** partBits;
  // What each value of an input channel adds to the three sums; the first channel includes the offset and the rounding.
  const added = new Int32Array(3 * 256 * 4);
  for (const column of [0, 1, 2]) {
    const curve = curves[column] ?? srgbToLinear;
    const offset = column === 0 ? below * parts + 2 ** (partBits - 1) : 0;
    for (let value = 0; value < 256; value++) {
      const light = Math.min(1, Math.max(0, curve(value / 255)));
      for (const row of [0, 1, 2]) added[4 * (256 * column + value) + row] = Math.round((toLinearSrgb[3 * row + column] ?? 0) * light * parts + offset);
    }
  }

  const moved = moveIn(memory, picture);
  const { room, at } = bringIn(memory, moved);
  const work = workIn(room);
  room.kernels.convertColours(at, moved.width * moved.height, moved.channels, work.put(added), work.put(encode), partBits);
  return moved;
}

/** Whether the table covers every colour that can occur. */
export const isWithinTable = (toLinearSrgb: readonly number[]): boolean =>
  [0, 3, 6].every((row) => {
    const weights = toLinearSrgb.slice(row, row + 3);
    const sum = (of: (weight: number) => number): number => weights.reduce((total, weight) => total + of(weight), 0);
    return sum((weight) => Math.min(0, weight)) > -below && sum((weight) => Math.max(0, weight)) < above;
  });

/** Linear light 0–1 to an sRGB byte; values outside are clipped. */
export function toSrgbByte(light: number): number {
  if (light <= 0) return 0;
  if (light >= 1) return 255;
  return Math.round(255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055));
}
