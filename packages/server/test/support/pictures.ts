import sharp, { type Sharp } from 'sharp';

/** The colours of the test picture's quadrants: red, green / blue, yellow. No two sides are alike, so every turn and flip shows. */
export const quadrantColours = [
  [200, 40, 40],
  [40, 170, 60],
  [50, 70, 200],
  [220, 200, 60],
] as const;

export const quadrantsWidth = 240;
export const quadrantsHeight = 160;

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

/** The colours in the middle of each quadrant, as a viewer without colour management would show them. */
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
 * Something with the statistics of a photograph: soft gradients, edges at every scale, sensor noise. Flat or random pictures flatter or
 * punish codecs. The same size gives the same pixels everywhere.
 */
export async function photoLike(width: number, height: number): Promise<{ data: Buffer; width: number; height: number; channels: 3 }> {
  const random = mulberry32(20_260_101);
  const data = Buffer.alloc(width * height * 3);
  const layers: Buffer[] = [];
  for (const divisor of [512, 128, 32, 8, 2]) {
    const [w, h] = [Math.max(2, Math.ceil(width / divisor)), Math.max(2, Math.ceil(height / divisor))];
    const noise = Buffer.from(Uint8Array.from({ length: w * h * 3 }, () => random() * 256));
    layers.push(
      await sharp(noise, { raw: { width: w, height: h, channels: 3 } })
        .resize(width, height, { fit: 'fill', kernel: divisor > 8 ? 'cubic' : 'nearest' })
        .raw()
        .toBuffer(),
    );
  }
  // Each finer layer weighs less, about as in nature, and is switched by a coarser one, so that edges appear.
  const weights = [0.5, 0.28, 0.14, 0.06, 0.03];
  for (let i = 0; i < data.length; i++) {
    let value = 0;
    for (const [layer, weight] of weights.entries()) value += (layers[layer]?.[i] ?? 0) * weight;
    const edge = (layers[1]?.[i - (i % 3)] ?? 0) > 140 ? 36 : 0;
    data[i] = Math.max(0, Math.min(255, (value - 96) * 1.5 + 96 + edge + (random() - 0.5) * 6));
  }
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
