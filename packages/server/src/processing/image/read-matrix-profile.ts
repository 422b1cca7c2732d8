/** An ICC profile that consists of three primaries and three tone curves, as those of cameras, phones and screens do. */
export type MatrixProfile = {
  /** Linear light (PCS XYZ, D50) of full red, green and blue; rows X, Y, Z. */
  toXyz: readonly number[];
  /** Code value 0–1 to linear light 0–1, for red, green and blue. */
  curves: readonly [Curve, Curve, Curve];
};

const maxPrimary = 2;

export type Curve = (x: number) => number;

/** Null for profiles of other kinds (tables, grey, CMYK) and for broken ones, which are left to the colour engine. */
export function readMatrixProfile(profile: Buffer): MatrixProfile | null {
  try {
    if (profile.toString('latin1', 16, 20) !== 'RGB ' || profile.toString('latin1', 20, 24) !== 'XYZ ') return null;
    const tags = readTags(profile);
    // Lookup tables take precedence over primaries.
    if (tags.has('A2B0') || tags.has('A2B1')) return null;
    const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => [0, 1, 2].map((i) => profile.readInt32BE(at(tags, name) + 8 + 4 * i) / 65_536));
    const toXyz = [0, 1, 2].flatMap((row) => columns.map((column) => column[row] ?? 0));
    const curves = [curveAt(profile, at(tags, 'rTRC')), curveAt(profile, at(tags, 'gTRC')), curveAt(profile, at(tags, 'bTRC'))] as const;
    // Real primaries stay well below 2; a damaged one of 30,000 would need tables of gigabytes.
    const isSane = toXyz.every((value) => Math.abs(value) <= maxPrimary) && toXyz.some((value) => value !== 0);
    const isUsable = isSane && curves.every((curve) => [0, 0.25, 0.5, 1].every((x) => Number.isFinite(curve(x))));
    return isUsable ? { toXyz, curves } : null;
  } catch {
    return null;
  }
}

function at(tags: ReadonlyMap<string, number>, name: string): number {
  const offset = tags.get(name);
  if (offset === undefined) throw new RangeError(`the profile has no ${name}`);
  return offset;
}

function readTags(profile: Buffer): Map<string, number> {
  const tags = new Map<string, number>();
  const count = Math.min(profile.readUInt32BE(128), 1024);
  for (let i = 0; i < count; i++) {
    const entry = 132 + 12 * i;
    tags.set(profile.toString('latin1', entry, entry + 4), profile.readUInt32BE(entry + 4));
  }
  return tags;
}

/** A `curv` or `para` tag (ICC.1 §10.6 and §10.18). */
function curveAt(profile: Buffer, offset: number): Curve {
  if (profile.toString('latin1', offset, offset + 4) === 'para') return parametricAt(profile, offset);
  const count = profile.readUInt32BE(offset + 8);
  if (count === 0) return (x) => x;
  if (count === 1) {
    const gamma = profile.readUInt16BE(offset + 12) / 256;
    return (x) => x ** gamma;
  }
  if (count > 65_536 || offset + 12 + 2 * count > profile.length) throw new RangeError('the curve is longer than the profile');
  const value = (i: number): number => profile.readUInt16BE(offset + 12 + 2 * i) / 65_535;
  return (x) => {
    const position = x * (count - 1);
    const low = Math.min(count - 2, Math.floor(position));
    return value(low) + (position - low) * (value(low + 1) - value(low));
  };
}

function parametricAt(profile: Buffer, offset: number): Curve {
  const type = profile.readUInt16BE(offset + 8);
  const parameter = (i: number): number => profile.readInt32BE(offset + 12 + 4 * i) / 65_536;
  const gamma = parameter(0);
  if (type === 0) return (x) => x ** gamma;
  const [a, b] = [parameter(1), parameter(2)];
  const power = (x: number): number => Math.max(0, a * x + b) ** gamma;
  if (type === 1) return (x) => (x >= -b / a ? power(x) : 0);
  const c = parameter(3);
  if (type === 2) return (x) => (x >= -b / a ? power(x) + c : c);
  const d = parameter(4);
  if (type === 3) return (x) => (x >= d ? power(x) : c * x);
  const [e, f] = [parameter(5), parameter(6)];
  return (x) => (x >= d ? power(x) + e : c * x + f);
}
