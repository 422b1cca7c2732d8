import { expect, test } from 'vitest';
import { compareKeys } from './compare-keys.ts';

test('orders keys as their UTF-8 bytes are ordered', () => {
  const units = ['', '-', '.', '/', '0', 'A', 'a', 'é', '日', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '🦊', '\u{10ffff}'];
  const keys = units.flatMap((first) => units.flatMap((second) => units.map((third) => first + second + third)));
  const sign = (value: number): number => Math.sign(value);
  for (let index = 0; index < keys.length; index += 1) {
    const [a, b] = [keys[index] ?? '', keys[(index * 7919 + 13) % keys.length] ?? ''];
    expect([a, b, sign(compareKeys(a, b))]).toEqual([a, b, sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))]);
  }
});
