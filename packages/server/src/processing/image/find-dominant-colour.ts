import { resizeRaw } from './decode-picture.ts';
import type { PixelMemory } from './pixels/pixel-memory.ts';
import { sizeWithin } from './plan-outputs.ts';
import type { RawPicture } from './raw-picture.ts';

const side = 32;
/** Eight levels per channel: coarse enough to count shades of one colour together. */
const levelBits = 3;

/** The most frequent colour of a picture, as `#rrggbb`: the mean of its fullest bin. Mostly transparent pixels do not count. */
export async function findDominantColour(picture: RawPicture, memory: PixelMemory): Promise<string> {
  const { data, channels } = await resizeRaw(picture, sizeWithin(picture, side), memory);
  const bins = new Map<number, { count: number; sum: [number, number, number] }>();
  for (let at = 0; at < data.length; at += channels) {
    const [r = 0, g = 0, b = 0, alpha = 255] = data.subarray(at, at + channels);
    if (alpha < 128) continue;
    const name = ((r >> (8 - levelBits)) << (2 * levelBits)) | ((g >> (8 - levelBits)) << levelBits) | (b >> (8 - levelBits));
    const bin = bins.get(name) ?? { count: 0, sum: [0, 0, 0] };
    bin.count++;
    bin.sum = [bin.sum[0] + r, bin.sum[1] + g, bin.sum[2] + b];
    bins.set(name, bin);
  }
  const fullest = [...bins.values()].reduce((best, bin) => (bin.count > best.count ? bin : best), {
    count: 0,
    sum: [255, 255, 255] as [number, number, number],
  });
  return `#${fullest.sum
    .map((sum) =>
      Math.round(sum / Math.max(1, fullest.count))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
