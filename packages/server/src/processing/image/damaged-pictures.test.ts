import { expect, test } from 'vitest';
import { fuzzImages } from '../../../test/fuzz/fuzz-images.ts';
import { mutate, randomOf } from '../../../test/fuzz/mutate.ts';

test('the nth case of a seed is always the same file', () => {
  const source = Buffer.from(Array.from({ length: 500 }, (_, i) => i % 256));
  const make = (nth: number): Buffer => mutate(source, source, randomOf(7, nth));
  expect(make(3)).toEqual(make(3));
  expect(make(3)).not.toEqual(make(4));
});

test('200 damaged pictures are each decoded or refused correctly, and leave nothing behind', { timeout: 180_000 }, async () => {
  const { faults, leftovers, cases, verdicts } = await fuzzImages({ count: 200, seed: 20_260_101 });
  expect({ faults, leftovers, cases }).toEqual({ faults: [], leftovers: [], cases: 200 });
  // A fuzzer whose files all fail the first check tests nothing.
  expect(verdicts['accepted']).toBeGreaterThan(20);
  expect(verdicts['corrupt_media']).toBeGreaterThan(20);
});
