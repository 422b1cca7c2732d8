import { expect, test } from 'vitest';

import { conversionOfPrimaries, convertMatrix, isWithinTable, linearSrgbOfPrimaries, toSrgbByte, type MatrixConversion } from './convert-matrix.ts';
import { srgbToLinear } from './is-srgb-profile.ts';

const proPhotoToSrgb = [2.0344, -0.7275, -0.3069, -0.2288, 1.2317, -0.0029, -0.0085, -0.1533, 1.1618];
const gamma18 = (x: number): number => x ** 1.8;

test.each<[string, MatrixConversion]>([
  ['Display P3', conversionOfPrimaries(12) ?? { curves: [srgbToLinear, srgbToLinear, srgbToLinear], toLinearSrgb: [] }],
  ['BT.2020', { curves: [srgbToLinear, srgbToLinear, srgbToLinear], toLinearSrgb: linearSrgbOfPrimaries(9) }],
  ['ProPhoto', { curves: [gamma18, gamma18, gamma18], toLinearSrgb: proPhotoToSrgb }],
])('%s is never more than one of 255 from exact arithmetic, extremes included', (_, conversion) => {
  const values = [0, 1, 2, 3, 5, 9, 17, 33, 64, 100, 128, 180, 200, 254, 255];
  const pixels = values.flatMap((r) => values.flatMap((g) => values.flatMap((b) => [r, g, b, 77])));
  const { data } = convertMatrix({ data: Buffer.from(pixels), width: pixels.length / 4, height: 1, channels: 4 }, conversion, { room: null });
  let worst = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const light = [0, 1, 2].map((c) => conversion.curves[c]?.((pixels[at + c] ?? 0) / 255) ?? 0);
    for (const row of [0, 1, 2]) {
      const exact = toSrgbByte(light.reduce((sum, value, c) => sum + value * (conversion.toLinearSrgb[3 * row + c] ?? 0), 0));
      worst = Math.max(worst, Math.abs(exact - (data[at + row] ?? -99)));
    }
    expect(data[at + 3]).toBe(77);
  }
  expect(isWithinTable(conversion.toLinearSrgb)).toBe(true);
  expect(worst).toBeLessThanOrEqual(1);
});

test('primaries that no light can have are left to the colour engine', () => {
  expect(isWithinTable([3, 0, 0, 0, 1, 0, 0, 0, 1])).toBe(false);
  expect(isWithinTable([1, -1, -0.5, 0, 1, 0, 0, 0, 1])).toBe(false);
});
