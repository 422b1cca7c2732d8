import type { Size } from '../../src/processing/image/plan-outputs.ts';
import type { RawPicture } from '../../src/processing/image/raw-picture.ts';

/** The same noise each time, in memory of its own. */
export function noise({ width, height }: Size, seed = 1): RawPicture {
  let state = seed;
  const data = Buffer.from(Uint8Array.from({ length: width * height * 3 }, () => (state = (state * 48_271) % 2_147_483_647) & 255));
  return { data, width, height, channels: 3 };
}

const lanczos2 = (x: number): number => {
  if (x === 0) return 1;
  return Math.abs(x) >= 2 ? 0 : (2 * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / 2)) / (Math.PI * x) ** 2;
};

/** The definition in floating point: every sample of the source with its weight, without windows, parts or bands. */
export function resizeExactly(picture: RawPicture, target: Size): Float64Array {
  const along = (from: number, to: number, at: (i: number) => number, i: number): number => {
    const scale = Math.max(1, from / to);
    const centre = ((i + 0.5) * from) / to - 0.5;
    let [sum, weights] = [0, 0];
    for (let j = Math.floor(centre - 2 * scale) - 1; j <= centre + 2 * scale + 1; j++) {
      const weight = lanczos2((j - centre) / scale);
      weights += weight;
      sum += weight * at(Math.min(from - 1, Math.max(0, j)));
    }
    return sum / weights;
  };
  const rows = new Float64Array(picture.width * 3 * target.height);
  for (let y = 0; y < target.height; y++)
    for (let x = 0; x < picture.width * 3; x++)
      rows[y * picture.width * 3 + x] = along(picture.height, target.height, (j) => picture.data[j * picture.width * 3 + x] ?? 0, y);
  return Float64Array.from({ length: target.width * target.height * 3 }, (_, at) => {
    const [channel, x, y] = [at % 3, Math.floor(at / 3) % target.width, Math.floor(at / 3 / target.width)];
    const value = along(picture.width, target.width, (j) => rows[(y * picture.width + j) * 3 + channel] ?? 0, x);
    return Math.min(255, Math.max(0, value));
  });
}
