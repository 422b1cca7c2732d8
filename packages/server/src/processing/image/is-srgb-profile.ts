import { readMatrixProfile, type MatrixProfile } from './read-matrix-profile.ts';

/** XYZ (D50) of sRGB's red, green and blue as in every sRGB profile; rows X, Y, Z. */
const srgbToXyz = [0.4361, 0.3851, 0.1431, 0.2225, 0.7169, 0.0606, 0.0139, 0.0971, 0.7141];

const primaryTolerance = 0.003;
const curveTolerance = 0.004;

/**
 * Whether an ICC profile describes sRGB, by its primaries and tone curves. Its name proves nothing: phones ship Display-P3 profiles that say "sRGB".
 * Converting sRGB to sRGB would be the largest needless cost of a photo, so the check pays off.
 */
export function isSrgbProfile(profile: Buffer): boolean {
  const matrix = readMatrixProfile(profile);
  return matrix !== null && isSrgbMatrix(matrix);
}

export function isSrgbMatrix({ toXyz, curves }: MatrixProfile): boolean {
  if (toXyz.some((value, i) => Math.abs(value - (srgbToXyz[i] ?? 0)) > primaryTolerance)) return false;
  return curves.every((curve) => [0.1, 0.25, 0.5, 0.75].every((x) => Math.abs(curve(x) - srgbToLinear(x)) <= curveTolerance));
}

export const srgbToLinear = (x: number): number => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
