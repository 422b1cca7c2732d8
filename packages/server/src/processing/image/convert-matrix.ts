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

/** Steps of linear light; the steepest part of sRGB's curve moves 0.4 of an 8-bit value in one. */
const steps = 8192;
const fraction = 10;

/**
 * Brings 8-bit pixels to sRGB where they lie; alpha stays. Colours outside sRGB are clipped, as a colour engine does between matrix
 * profiles. Whole numbers and tables make it as fast as the engine's own conversion, without handing the pixels over and back.
 */
export function convertMatrix(picture: RawPicture, { curves, toLinearSrgb }: MatrixConversion): RawPicture {
  // What each input value adds to each output channel, in steps of light.
  const adds = toLinearSrgb.map((weight, i) => {
    const curve = curves[i % 3] ?? srgbToLinear;
    return Int32Array.from({ length: 256 }, (_, value) => Math.round(weight * Math.min(1, Math.max(0, curve(value / 255))) * steps * (1 << fraction)));
  });
  const lowest = Math.min(...[0, 3, 6].map((row) => toLinearSrgb.slice(row, row + 3).reduce((sum, weight) => sum + Math.min(0, weight), 0)));
  const highest = Math.max(...[0, 3, 6].map((row) => toLinearSrgb.slice(row, row + 3).reduce((sum, weight) => sum + Math.max(0, weight), 0)));
  const below = Math.ceil(-lowest * steps) + 2;
  const encode = Uint8Array.from({ length: below + Math.ceil(Math.max(1, highest) * steps) + 3 }, (_, i) => toSrgbByte((i - below) / steps));
  const start = (below << fraction) + (1 << (fraction - 1));

  const [rr, rg, rb, gr, gg, gb, br, bg, bb] = adds;
  if (!rr || !rg || !rb || !gr || !gg || !gb || !br || !bg || !bb) throw new Error('A colour matrix has nine numbers.');
  const { channels } = picture;
  const data = new Uint8Array(picture.data.buffer, picture.data.byteOffset, picture.data.length);
  /* eslint-disable typescript/no-non-null-assertion -- every index is a byte or within the bounds computed above, and a check for each would cost half of the speed */
  for (let i = 0; i < data.length; i += channels) {
    const r = data[i]!;
    const g = data[i + 1]!;
    const b = data[i + 2]!;
    data[i] = encode[(rr[r]! + rg[g]! + rb[b]! + start) >> fraction]!;
    data[i + 1] = encode[(gr[r]! + gg[g]! + gb[b]! + start) >> fraction]!;
    data[i + 2] = encode[(br[r]! + bg[g]! + bb[b]! + start) >> fraction]!;
  }
  /* eslint-enable typescript/no-non-null-assertion */
  return picture;
}

/** Linear light 0–1 to an sRGB byte; what lies outside is clipped. */
export function toSrgbByte(light: number): number {
  if (light <= 0) return 0;
  if (light >= 1) return 255;
  return Math.round(255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055));
}
