import { srgbToLinear } from './is-srgb-profile.ts';
import type { RawPicture } from './raw-picture.ts';
import type { Curve, MatrixProfile } from './read-matrix-profile.ts';

/** Colours that become sRGB by three curves and a matrix on linear light. */
export type MatrixConversion = { curves: readonly [Curve, Curve, Curve]; toLinearSrgb: readonly number[] };

/** Inverse of sRGB's XYZ (D50) matrix. */
const xyzToLinearSrgb = [3.1338561, -1.6168667, -0.4906146, -0.9787684, 1.9161415, 0.033454, 0.0719453, -0.2289914, 1.4052427];

/** Linear light of other primaries (CICP code points) to that of sRGB, D65 on both sides. */
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

/** Null where the primaries are sRGB's, so that nothing has to be converted. */
export function conversionOfPrimaries(primaries: number): MatrixConversion | null {
  return primaries in primariesToLinearSrgb ? { curves: [srgbToLinear, srgbToLinear, srgbToLinear], toLinearSrgb: linearSrgbOfPrimaries(primaries) } : null;
}

/** Steps of linear light; the steepest part of sRGB's curve moves 0.8 of an 8-bit value in one. */
const steps = 4096;
/** Parts of a step that are summed up before a step is chosen. */
const parts = 4;
/** Sums of 16 bits, two of which lie in one number: light from -1.4 to 2.6, far beyond what any real primaries make of white. */
const fieldBits = 16;
const below = 1.4;
const above = 2.6;

/**
 * Brings 8-bit pixels to sRGB where they lie; alpha stays. Colours outside sRGB are clipped, as a colour engine does between matrix
 * profiles. Tables of whole numbers, red and green summed up in one of them, make it faster than the engine's own conversion, and
 * without handing the pixels over and back. Never more than one of 255 from exact arithmetic.
 */
export function convertMatrix(picture: RawPicture, { curves, toLinearSrgb }: MatrixConversion): RawPicture {
  // What each input value adds to an output channel, in parts of a step; the first of the three carries the offset and the rounding.
  const added = (row: number, column: number): Int32Array => {
    const [weight, curve] = [toLinearSrgb[3 * row + column] ?? 0, curves[column] ?? srgbToLinear];
    const offset = column === 0 ? below * steps * parts + parts / 2 : 0;
    return Int32Array.from({ length: 256 }, (_, value) => Math.round(weight * Math.min(1, Math.max(0, curve(value / 255))) * steps * parts + offset));
  };
  const [fromRed, fromGreen, fromBlue] = [0, 1, 2].map((column) => {
    const [toRed, toGreen, toBlue] = [added(0, column), added(1, column), added(2, column)];
    return { toRedGreen: toRed.map((value, i) => value * 2 ** fieldBits + (toGreen[i] ?? 0)), toBlue };
  });
  if (fromRed === undefined || fromGreen === undefined || fromBlue === undefined) throw new Error('A pixel has three colours.');
  const encode = Uint8Array.from({ length: 2 ** fieldBits / parts }, (_, i) => toSrgbByte(i / steps - below));

  const { toRedGreen: rr, toBlue: rb } = fromRed;
  const { toRedGreen: gr, toBlue: gb } = fromGreen;
  const { toRedGreen: br, toBlue: bb } = fromBlue;
  const { channels } = picture;
  const data = new Uint8Array(picture.data.buffer, picture.data.byteOffset, picture.data.length);
  /* eslint-disable typescript/no-non-null-assertion -- every index is a byte or a sum within a field, and a check for each would cost half of the speed */
  for (let i = 0; i < data.length; i += channels) {
    const r = data[i]!;
    const g = data[i + 1]!;
    const b = data[i + 2]!;
    const redGreen = (rr[r]! + gr[g]! + br[b]!) | 0;
    data[i] = encode[redGreen >>> 18]!;
    data[i + 1] = encode[(redGreen & 0xffff) >> 2]!;
    data[i + 2] = encode[(rb[r]! + gb[g]! + bb[b]!) >> 2]!;
  }
  /* eslint-enable typescript/no-non-null-assertion */
  return picture;
}

/** Whether every colour that can be made stays within the fields of the sums. */
export const isWithinFields = (toLinearSrgb: readonly number[]): boolean =>
  [0, 3, 6].every((row) => {
    const weights = toLinearSrgb.slice(row, row + 3);
    const sum = (of: (weight: number) => number): number => weights.reduce((total, weight) => total + of(weight), 0);
    return sum((weight) => Math.min(0, weight)) > -below && sum((weight) => Math.max(0, weight)) < above;
  });

/** Linear light 0–1 to an sRGB byte; what lies outside is clipped. */
export function toSrgbByte(light: number): number {
  if (light <= 0) return 0;
  if (light >= 1) return 255;
  return Math.round(255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055));
}
