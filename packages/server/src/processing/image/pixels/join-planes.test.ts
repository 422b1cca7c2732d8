import { expect, test } from 'vitest';
import { joinPlanes, type Planes } from './join-planes.ts';

const [width, height] = [48, 20];
const bt601 = { red: 0.299, blue: 0.114 };
const bt709 = { red: 0.2126, blue: 0.0722 };
const bt2020 = { red: 0.2627, blue: 0.0593 };

/** Planes whose values stay the same over a block, so that the middle of a block shows the result. */
function blocksOf(values: readonly (readonly [number, number, number])[], lumaWeights: Planes['lumaWeights'], isFullRange: boolean): Planes {
  const block = width / values.length;
  const plane = (channel: 0 | 1 | 2, scale: number, padding: number) => {
    const size = { width: width / scale, height: height / scale };
    const stride = size.width + padding;
    const data = Uint8Array.from({ length: stride * size.height }, (_, at) => values[Math.floor(((at % stride) * scale) / block)]?.[channel] ?? 0);
    return { data, stride, ...size };
  };
  return { luma: plane(0, 1, 8), blueness: plane(1, 2, 0), redness: plane(2, 2, 5), lumaWeights, isFullRange };
}

const exactly = ([y, cb, cr]: readonly [number, number, number], { red, blue }: Planes['lumaWeights'], isFullRange: boolean): number[] => {
  const light = isFullRange ? y : ((y - 16) * 255) / 219;
  const [u, v] = [cb, cr].map((difference) => (difference - 128) * (isFullRange ? 1 : 255 / 224));
  if (u === undefined || v === undefined) throw new Error('There are two differences.');
  const [r, b] = [light + 2 * (1 - red) * v, light + 2 * (1 - blue) * u];
  const g = (light - red * r - blue * b) / (1 - red - blue);
  return [r, g, b].map((value) => Math.min(255, Math.max(0, value)));
};

const colours = [
  [16, 128, 128],
  [235, 128, 128],
  [81, 90, 240],
  [145, 54, 34],
  [41, 240, 110],
  [255, 0, 255],
] as const;

test.each([
  ['BT.601 in full range', bt601, true],
  ['BT.601 within video’s range', bt601, false],
  ['BT.709 in full range', bt709, true],
  ['BT.709 within video’s range', bt709, false],
  ['BT.2020 in full range', bt2020, true],
])('%s becomes RGB, within one of 255 of exact arithmetic', (_, lumaWeights, isFullRange) => {
  const { data } = joinPlanes({ room: null }, blocksOf(colours, lumaWeights, isFullRange), { width, height });
  const block = width / colours.length;
  for (const [i, colour] of colours.entries()) {
    const at = (Math.floor(height / 2) * width + i * block + block / 2) * 3;
    const exact = exactly(colour, lumaWeights, isFullRange);
    for (const channel of [0, 1, 2])
      expect(Math.abs((data[at + channel] ?? -99) - (exact[channel] ?? 99)), `${String(colour)} in ${channel}`).toBeLessThan(1.01);
  }
});

test('grey stays grey at any requested size', () => {
  for (const target of [
    { width: 48, height: 20 },
    { width: 31, height: 13 },
    { width: 7, height: 3 },
  ]) {
    const { data, ...size } = joinPlanes({ room: null }, blocksOf([[77, 128, 128]], bt601, true), target);
    expect(size).toEqual({ ...target, channels: 3 });
    expect(new Set(data)).toEqual(new Set([77]));
  }
});
