import type { RawPicture } from './raw-picture.ts';

/** Code points of ITU-T H.273: which red, green and blue, and which curve. */
export type Cicp = { primaries: number; transfer: number };

const bt2020 = 9;
const displayP3 = 12;
const dciP3 = 11;
const linear = 8;
const pq = 16;
const hlg = 18;

/** Linear light of other primaries to that of sRGB (D65 on both sides). */
const toSrgb: Readonly<Record<number, readonly number[]>> = {
  [bt2020]: [1.660491, -0.587641, -0.07285, -0.12455, 1.1329, -0.008349, -0.018151, -0.100579, 1.11873],
  [displayP3]: [1.22494, -0.22494, 0, -0.042057, 1.042057, 0, -0.019638, -0.078636, 1.098274],
};

/** Diffuse white of HDR pictures (ITU-R BT.2408) and the peak that most are mastered for, in candela per square metre. */
const referenceWhite = 203;
const masteringPeak = 1000;
const peak = masteringPeak / referenceWhite;

/** Whether pixels coded so would look wrong if they were shown as sRGB; unspecified means sRGB, as in browsers. */
export function needsConversion(cicp: Cicp | null): cicp is Cicp {
  if (cicp === null) return false;
  return cicp.primaries === dciP3 || cicp.primaries in toSrgb || cicp.transfer === linear || cicp.transfer === pq || cicp.transfer === hlg;
}

/**
 * Pixels of another colour space or of high dynamic range as 8-bit sRGB. HDR is brought down with the curve that Chromium uses (Reinhard's,
 * extended to the mastering peak): highlights keep their drawing, and mid-tones come out a little darker than on an HDR screen.
 */
export function convertCicp(pixels: { data: Uint16Array; width: number; height: number; channels: 3 | 4 }, cicp: Cicp): RawPicture {
  const { data, width, height, channels } = pixels;
  const toLinear = linearTable(cicp.transfer);
  const isHdr = cicp.transfer === pq || cicp.transfer === hlg;
  const [rr = 1, rg = 0, rb = 0, gr = 0, gg = 1, gb = 0, br = 0, bg = 0, bb = 1] = toSrgb[cicp.primaries === dciP3 ? displayP3 : cicp.primaries] ?? [];
  const out = Buffer.allocUnsafe(data.length);
  for (let at = 0; at < data.length; at += channels) {
    let r = toLinear[data[at] ?? 0] ?? 0;
    let g = toLinear[data[at + 1] ?? 0] ?? 0;
    let b = toLinear[data[at + 2] ?? 0] ?? 0;
    if (isHdr) {
      const brightest = Math.max(r, g, b);
      const scale = (1 + brightest / (peak * peak)) / (1 + brightest);
      r *= scale;
      g *= scale;
      b *= scale;
    }
    out[at] = toSrgbByte(rr * r + rg * g + rb * b);
    out[at + 1] = toSrgbByte(gr * r + gg * g + gb * b);
    out[at + 2] = toSrgbByte(br * r + bg * g + bb * b);
    if (channels === 4) out[at + 3] = (data[at + 3] ?? 0) >> 8;
  }
  return { data: out, width, height, channels };
}

/** Steps of the sRGB curve's table; fine enough that no 8-bit value is more than one off. */
const steps = 16_384;
const srgbTable = Uint8Array.from({ length: steps + 1 }, (_, i) => {
  const x = i / steps;
  return Math.round(255 * (x <= 0.0031308 ? x * 12.92 : 1.055 * x ** (1 / 2.4) - 0.055));
});
const toSrgbByte = (light: number): number => srgbTable[light <= 0 ? 0 : light >= 1 ? steps : Math.round(light * steps)] ?? 0;

const tables = new Map<number, Float32Array>();

/** 16-bit code value to linear light, where 1 is diffuse white. */
function linearTable(transfer: number): Float32Array {
  const known = tables.get(transfer);
  if (known !== undefined) return known;
  const table = Float32Array.from({ length: 65_536 }, (_, i) => lightOf(transfer, i / 65_535));
  tables.set(transfer, table);
  return table;
}

function lightOf(transfer: number, x: number): number {
  switch (transfer) {
    case linear:
      return x;
    case pq: {
      const power = x ** (1 / 78.84375);
      return ((Math.max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125) * 10_000) / referenceWhite;
    }
    case hlg: {
      const scene = x <= 0.5 ? (x * x) / 3 : (Math.exp((x - 0.55991073) / 0.17883277) + 0.28466892) / 12;
      return scene ** 1.2 * peak;
    }
    default:
      return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  }
}
