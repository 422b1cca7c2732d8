import { isWithinTable, type MatrixConversion } from './convert-matrix.ts';
import type { Chromaticities, ImageHeader } from '../../filetypes/headers/image-header.ts';

/** The value that most programs write for sRGB: its own curve is not a power, and this is the nearest one. */
const usualExponent = 2.2;
const exponentTolerance = 0.02;
/** In xy; allows for values of the same white and primaries that another program rounded. */
const pointTolerance = 0.002;

const srgb: Chromaticities = { white: [0.3127, 0.329], red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] };
const points = ['white', 'red', 'green', 'blue'] as const;

type Matrix = readonly [number, number, number, number, number, number, number, number, number];

/** How colours given by gamma and primaries become sRGB; null when they are sRGB, as nearly as such a file can say it. */
export function conversionOfGamma({ exponent, chromaticities }: NonNullable<ImageHeader['gamma']>): MatrixConversion | null {
  const isOfSrgb = chromaticities === null || points.every((name) => isNear(chromaticities[name], srgb[name]));
  if (isOfSrgb && Math.abs(exponent - usualExponent) <= exponentTolerance) return null;
  const curve = (x: number): number => x ** exponent;
  const toLinearSrgb = isOfSrgb ? [1, 0, 0, 0, 1, 0, 0, 0, 1] : matrixTo(chromaticities);
  return toLinearSrgb === null ? null : { curves: [curve, curve, curve], toLinearSrgb };
}

const isNear = ([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): boolean =>
  Math.abs(ax - bx) <= pointTolerance && Math.abs(ay - by) <= pointTolerance;

/** From linear light of these primaries to that of sRGB; null for invalid primaries. */
function matrixTo(given: Chromaticities): Matrix | null {
  const [toXyz, srgbToXyz] = [xyzOf(given), xyzOf(srgb)];
  if (toXyz === null || srgbToXyz === null) return null;
  const fromXyz = inverse(srgbToXyz);
  if (fromXyz === null) return null;
  const linear = times(fromXyz, times(adaptation(given.white), toXyz));
  return linear.every(Number.isFinite) && isWithinTable(linear) ? linear : null;
}

/** SMPTE RP 177: the primaries as columns, scaled so that their sum is the white point. */
function xyzOf({ white, red, green, blue }: Chromaticities): Matrix | null {
  const [r, g, b, w] = [red, green, blue, white].map(([x, y]) => [x / y, 1, (1 - x - y) / y] as const);
  if (r === undefined || g === undefined || b === undefined || w === undefined) return null;
  const primaries: Matrix = [r[0], g[0], b[0], r[1], g[1], b[1], r[2], g[2], b[2]];
  const inverted = inverse(primaries);
  if (inverted === null) return null;
  const [sr, sg, sb] = apply(inverted, w);
  return times(primaries, [sr, 0, 0, 0, sg, 0, 0, 0, sb]);
}

const bradford: Matrix = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];

/** Adapts another white point to that of sRGB (Bradford). */
function adaptation(white: readonly [number, number]): Matrix {
  const cone = ([x, y]: readonly [number, number]) => apply(bradford, [x / y, 1, (1 - x - y) / y]);
  const [from, to, back] = [cone(white), cone(srgb.white), inverse(bradford)];
  if (back === null) throw new Error('The Bradford matrix has an inverse.');
  return times(back, times([to[0] / from[0], 0, 0, 0, to[1] / from[1], 0, 0, 0, to[2] / from[2]], bradford));
}

const apply = (m: Matrix, [x, y, z]: readonly [number, number, number]): [number, number, number] => [
  m[0] * x + m[1] * y + m[2] * z,
  m[3] * x + m[4] * y + m[5] * z,
  m[6] * x + m[7] * y + m[8] * z,
];

function times(a: Matrix, b: Matrix): Matrix {
  const [c0, c1, c2] = [apply(a, [b[0], b[3], b[6]]), apply(a, [b[1], b[4], b[7]]), apply(a, [b[2], b[5], b[8]])];
  return [c0[0], c1[0], c2[0], c0[1], c1[1], c2[1], c0[2], c1[2], c2[2]];
}

function inverse([a, b, c, d, e, f, g, h, i]: Matrix): Matrix | null {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (!Number.isFinite(determinant) || Math.abs(determinant) < 1e-9) return null;
  const cofactors = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ] as const;
  const of = (cofactor: number): number => cofactor / determinant;
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = cofactors;
  return [of(m0), of(m1), of(m2), of(m3), of(m4), of(m5), of(m6), of(m7), of(m8)];
}
