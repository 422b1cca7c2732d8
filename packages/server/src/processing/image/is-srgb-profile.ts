/** XYZ (D50) of sRGB's red, green and blue, as every ICC profile of sRGB states them. */
const srgbPrimaries = [
  ['rXYZ', [0.4361, 0.2225, 0.0139]],
  ['gXYZ', [0.3851, 0.7169, 0.0971]],
  ['bXYZ', [0.1431, 0.0606, 0.7141]],
] as const;

const primaryTolerance = 0.003;
const curveTolerance = 0.004;

/**
 * Whether an ICC profile describes sRGB, told by its primaries and its tone curves. Its name proves nothing: phones ship
 * Display-P3 profiles that say "sRGB". Converting from sRGB to sRGB is the largest needless cost of a photo, so it is worth knowing.
 * Anything unusual or broken answers false, and the colour engine decides.
 */
export function isSrgbProfile(profile: Buffer): boolean {
  try {
    if (profile.toString('latin1', 16, 20) !== 'RGB ') return false;
    const tags = readTags(profile);
    // Lookup tables outrank primaries where both exist.
    if (tags.has('A2B0') || tags.has('A2B1')) return false;
    for (const [name, expected] of srgbPrimaries) {
      const at = tags.get(name);
      if (at === undefined) return false;
      if (expected.some((value, i) => Math.abs(profile.readInt32BE(at + 8 + 4 * i) / 65_536 - value) > primaryTolerance)) return false;
    }
    for (const name of ['rTRC', 'gTRC', 'bTRC']) {
      const at = tags.get(name);
      if (at === undefined) return false;
      if ([0.1, 0.25, 0.5, 0.75].some((x) => Math.abs(curveAt(profile, at, x) - srgbToLinear(x)) > curveTolerance)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

const srgbToLinear = (x: number): number => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);

function readTags(profile: Buffer): Map<string, number> {
  const tags = new Map<string, number>();
  const count = Math.min(profile.readUInt32BE(128), 1024);
  for (let i = 0; i < count; i++) {
    const at = 132 + 12 * i;
    tags.set(profile.toString('latin1', at, at + 4), profile.readUInt32BE(at + 4));
  }
  return tags;
}

/** The value of a `curv` or `para` tag at `x` (ICC.1 §10.6 and §10.18). */
function curveAt(profile: Buffer, at: number, x: number): number {
  if (profile.toString('latin1', at, at + 4) === 'para') return parametricAt(profile, at, x);
  const count = profile.readUInt32BE(at + 8);
  if (count === 0) return x;
  if (count === 1) return x ** (profile.readUInt16BE(at + 12) / 256);
  const position = x * (count - 1);
  const low = Math.min(count - 2, Math.floor(position));
  const value = (i: number): number => profile.readUInt16BE(at + 12 + 2 * i) / 65_535;
  return value(low) + (position - low) * (value(low + 1) - value(low));
}

function parametricAt(profile: Buffer, at: number, x: number): number {
  const type = profile.readUInt16BE(at + 8);
  const parameter = (i: number): number => profile.readInt32BE(at + 12 + 4 * i) / 65_536;
  const gamma = parameter(0);
  if (type === 0) return x ** gamma;
  const a = parameter(1);
  const b = parameter(2);
  const c = type >= 2 ? parameter(3) : 0;
  if (type <= 2) return x >= -b / a ? (a * x + b) ** gamma + c : c;
  const d = parameter(4);
  if (type === 3) return x >= d ? (a * x + b) ** gamma : c * x;
  return x >= d ? (a * x + b) ** gamma + parameter(5) : c * x + parameter(6);
}
