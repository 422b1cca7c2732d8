import { linearSrgbOfPrimaries, toSrgbByte } from './convert-matrix.ts';
import type { RawPicture } from './raw-picture.ts';

/** Transfer code points of ITU-T H.273 whose light exceeds a screen's white or is linear. */
const linear = 8;
const pq = 16;
const hlg = 18;

export const needsToneMapping = (transfer: number): boolean => transfer === pq || transfer === hlg || transfer === linear;

/** Diffuse white of HDR pictures (ITU-R BT.2408) and the usual mastering peak, in candela per square metre. */
const referenceWhite = 203;
const masteringPeak = 1000;
const peak = masteringPeak / referenceWhite;

export type WidePicture = { data: Uint16Array; width: number; height: number; channels: 3 | 4 };

/**
 * Converts high-dynamic-range pixels to 8-bit sRGB with Chromium's curve (Reinhard's, extended to the mastering peak): highlights keep their detail,
 * and mid-tones come out a little darker than on an HDR screen.
 */
export function toneMap(pixels: WidePicture, { primaries, transfer }: { primaries: number; transfer: number }): RawPicture {
  const { data, width, height, channels } = pixels;
  const toLight = Float32Array.from({ length: 65_536 }, (_, i) => lightOf(transfer, i / 65_535));
  const [rr = 1, rg = 0, rb = 0, gr = 0, gg = 1, gb = 0, br = 0, bg = 0, bb = 1] = linearSrgbOfPrimaries(primaries);
  const out = Buffer.allocUnsafe(data.length);
  for (let at = 0; at < data.length; at += channels) {
    const [r, g, b] = [toLight[data[at] ?? 0] ?? 0, toLight[data[at + 1] ?? 0] ?? 0, toLight[data[at + 2] ?? 0] ?? 0];
    const brightest = Math.max(r, g, b);
    const scale = transfer === linear ? 1 : (1 + brightest / (peak * peak)) / (1 + brightest);
    out[at] = encodeLight((rr * r + rg * g + rb * b) * scale);
    out[at + 1] = encodeLight((gr * r + gg * g + gb * b) * scale);
    out[at + 2] = encodeLight((br * r + bg * g + bb * b) * scale);
    if (channels === 4) out[at + 3] = (data[at + 3] ?? 0) >> 8;
  }
  return { data: out, width, height, channels };
}

const steps = 16_384;
const srgbTable = Uint8Array.from({ length: steps + 1 }, (_, i) => toSrgbByte(i / steps));
const encodeLight = (light: number): number => srgbTable[light <= 0 ? 0 : light >= 1 ? steps : Math.round(light * steps)] ?? 0;

/** Code value 0–1 to light, where 1 is diffuse white (BT.2100). */
function lightOf(transfer: number, x: number): number {
  switch (transfer) {
    case pq: {
      const power = x ** (1 / 78.84375);
      return ((Math.max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125) * 10_000) / referenceWhite;
    }
    case hlg: {
      const scene = x <= 0.5 ? (x * x) / 3 : (Math.exp((x - 0.55991073) / 0.17883277) + 0.28466892) / 12;
      return scene ** 1.2 * peak;
    }
    default:
      return x;
  }
}
