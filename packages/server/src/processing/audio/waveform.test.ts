import { expect, test } from 'vitest';

import { collectWaveform } from './waveform.ts';

const samples = Array.from({ length: 4001 }, (_, at) => Math.round(32_767 * Math.sin(at / 7) * (at % 500 < 250 ? 1 : 0.1)));
const bytes = Buffer.alloc(samples.length * 2);
for (const [at, sample] of samples.entries()) bytes.writeInt16LE(sample, at * 2);

/** Half a second and one sample, at 20 points a second. */
const expected = Array.from({ length: 11 }, (_, point) => samples.slice(point * 400, (point + 1) * 400)).flatMap((part) => [
  Math.min(...part) >> 8,
  Math.max(...part) >> 8,
]);

test.each([1, 3, 7, 799, 800, 801, 8002])(
  'the peaks are the lowest and the highest sample of each point, though the samples come in pieces of %i bytes',
  (size) => {
    const waveform = collectWaveform(0.5, 20);
    for (let from = 0; from < bytes.length; from += size) waveform.add(bytes.subarray(from, from + size));
    expect(waveform.finish()).toEqual({ version: 2, channels: 1, sample_rate: 8000, samples_per_pixel: 400, bits: 8, length: 11, data: expected });
  },
);

test('a long recording has fewer points a second, and one without a sample has none', () => {
  const long = collectWaveform(7200, 20);
  for (let minute = 0; minute < 10; minute++) long.add(Buffer.alloc(8000 * 60 * 2));
  expect(long.finish()).toMatchObject({ samples_per_pixel: 2880, length: Math.ceil((8000 * 600) / 2880) });
  expect(collectWaveform(0, 20).finish()).toMatchObject({ length: 0, data: [] });
});
