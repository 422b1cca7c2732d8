import { expect, test } from 'vitest';

import { createPartBuffer } from './part-buffer.ts';

test('cuts any chunks into parts of equal size, and loses or repeats no byte', () => {
  for (const chunkBytes of [1, 7, 100, 65_536, 65_537, 200_000, 1_000_000]) {
    const whole = Buffer.from(Uint32Array.from({ length: 100_000 }, (_, index) => Math.imul(index, 2_654_435_761)).buffer).subarray(
      0,
      chunkBytes < 100 ? 5000 : 400_000,
    );
    const partBytes = chunkBytes < 100 ? 64 : 150_000;
    const parts: Buffer[] = [];
    const part = createPartBuffer(partBytes);
    for (let at = 0; at < whole.length; at += chunkBytes) {
      for (let rest: Buffer = whole.subarray(at, at + chunkBytes); rest.length > 0;) {
        rest = part.add(rest);
        if (!part.isFull()) continue;
        parts.push(Buffer.from(part.bytes()));
        part.clear();
      }
    }
    expect(parts.every(({ length }) => length === partBytes)).toBe(true);
    expect(part.bytes()).toHaveLength(whole.length % partBytes);
    expect(Buffer.concat([...parts, part.bytes()]).equals(whole)).toBe(true);
  }
});

test('holds no more than has arrived, up to twice as much', () => {
  const part = createPartBuffer(2 ** 40);
  part.add(Buffer.alloc(1000));
  expect(part.bytes().buffer.byteLength).toBeLessThanOrEqual(65_536);
  for (let index = 0; index < 200; index += 1) part.add(Buffer.alloc(1000));
  expect(part.bytes()).toHaveLength(201_000);
  expect(part.bytes().buffer.byteLength).toBeLessThan(450_000);
});
