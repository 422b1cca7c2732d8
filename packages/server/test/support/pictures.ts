import sharp, { type Sharp } from 'sharp';

import type { ImageLimits } from '../../src/processing/image-rules.ts';

/** The colours of the test picture's quadrants: red, green / blue, yellow. No two sides are alike, so every rotation and mirroring is visible. */
export const quadrantColours = [
  [200, 40, 40],
  [40, 170, 60],
  [50, 70, 200],
  [220, 200, 60],
] as const;

const quadrantsWidth = 240;
const quadrantsHeight = 160;

export function quadrants(): Sharp {
  const data = Buffer.alloc(quadrantsWidth * quadrantsHeight * 3);
  for (let y = 0; y < quadrantsHeight; y++) {
    for (let x = 0; x < quadrantsWidth; x++) {
      const colour = quadrantColours[(y >= quadrantsHeight / 2 ? 2 : 0) + (x >= quadrantsWidth / 2 ? 1 : 0)] ?? [0, 0, 0];
      data.set(colour, (y * quadrantsWidth + x) * 3);
    }
  }
  return sharp(data, { raw: { width: quadrantsWidth, height: quadrantsHeight, channels: 3 } });
}

/** The colours in the middle of each quadrant, as a viewer without colour management shows them. */
export async function quadrantsOf(picture: Buffer): Promise<number[][]> {
  const { data, info } = await sharp(picture, { ignoreIcc: true }).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number[] => [...data.subarray((Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 3).subarray(0, 3)];
  return [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)];
}

/** The largest difference of any channel of any quadrant. */
export function largestDifference(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  return Math.max(...a.flatMap((colour, i) => colour.map((value, channel) => Math.abs(value - (b[i]?.[channel] ?? 1000)))));
}

/**
 * A picture with the statistics of a photograph: soft gradients, edges at every scale, sensor noise. Flat or random pictures flatter or punish
 * codecs. The same size gives the same pixels everywhere.
 */
export async function photoLike(width: number, height: number): Promise<{ data: Buffer; width: number; height: number; channels: 3 }> {
  const random = mulberry32(20_260_101);
  // The structure is drawn at a third of the size, as blurred as by a lens; only the noise has single pixels.
  const [w, h] = [Math.ceil(width / 3), Math.ceil(height / 3)];
  const layers: Buffer[] = [];
  for (const divisor of [160, 40, 10, 3, 1]) {
    const [layerWidth, layerHeight] = [Math.max(2, Math.ceil(w / divisor)), Math.max(2, Math.ceil(h / divisor))];
    const noise = Buffer.from(Uint8Array.from({ length: layerWidth * layerHeight * 3 }, () => random() * 256));
    const layer = sharp(noise, { raw: { width: layerWidth, height: layerHeight, channels: 3 } });
    layers.push(
      await layer
        .resize(w, h, { fit: 'fill', kernel: divisor > 3 ? 'cubic' : 'nearest' })
        .raw()
        .toBuffer(),
    );
  }
  const [coarse, edges, middle, fine, finest] = layers;
  const drawn = Buffer.alloc(w * h * 3);
  // Each finer layer weighs less, about as in nature; the edge is where a coarse layer crosses a level, in all channels at once.
  const valueAt = (i: number): number =>
    (coarse?.[i] ?? 0) * 0.5 +
    (edges?.[i] ?? 0) * 0.28 +
    (middle?.[i] ?? 0) * 0.14 +
    (fine?.[i] ?? 0) * 0.06 +
    (finest?.[i] ?? 0) * 0.03 +
    ((edges?.[i - (i % 3)] ?? 0) > 140 ? 36 : 0);
  for (let i = 0; i < drawn.length; i += 3) {
    const colours = [valueAt(i), valueAt(i + 1), valueAt(i + 2)];
    const grey = colours.reduce((sum, value) => sum + value, 0) / 3;
    // In photos the channels are correlated, and codecs rely on it.
    for (const [channel, value] of colours.entries()) drawn[i + channel] = Math.max(0, Math.min(255, (grey * 0.7 + value * 0.3 - 96) * 1.5 + 96));
  }
  const data = await sharp(drawn, { raw: { width: w, height: h, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  for (let i = 0; i < data.length; i++) data[i] = Math.max(0, Math.min(255, (data[i] ?? 0) + (random() - 0.5) * 8));
  return { data, width, height, channels: 3 };
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An animation within all limits: making eight animated outputs of it takes about five seconds, according to its header. */
export async function slowAnimation(): Promise<Buffer> {
  const photo = await photoLike(500, 400);
  const frame = async (index: number): Promise<Buffer> =>
    await sharp(photo.data, { raw: photo })
      .modulate({ hue: index * 9 })
      .png({ compressionLevel: 1 })
      .toBuffer();
  const frames = await Promise.all(Array.from({ length: 40 }, async (_, index) => await frame(index)));
  return await sharp(frames, { join: { animated: true } })
    .webp({ quality: 50, effort: 0 })
    .toBuffer();
}

/** Limits that every ordinary photo meets. */
export const photoLimits: ImageLimits = {
  acceptedTypes: ['image/*'],
  maxPixels: 50e6,
  maxFrames: 500,
  maxTotalPixels: 1e9,
  minWidth: 16,
  minHeight: 16,
  minAspectRatio: 0.1,
  maxAspectRatio: 10,
};
