import { expect, test } from 'vitest';

import { readValue, writeValue, type ValueKind } from './human-value.ts';

test.each<[ValueKind, number | null, string]>([
  ['bytes', 26_214_400, '25 MB'],
  ['bytes', 5_368_709_120, '5 GB'],
  ['bytes', 1_000_001, '1000001 bytes'],
  ['bytes', 1_572_864, '1.5 MB'],
  ['ms', 3_600_000, '1 h'],
  ['ms', 90_500, '90.5 s'],
  ['seconds', 30, '30 s'],
  ['seconds', 86_400, '1 day'],
  ['seconds', 0, '0 s'],
  ['number', 0.75, '0.75'],
  ['number', null, ''],
])('%s %d is written %j, and read again', (kind, value, text) => {
  expect(writeValue(kind, value)).toBe(text);
  expect(readValue(kind, text)).toBe(value);
});

test.each<[ValueKind, string, number | null | undefined]>([
  ['bytes', ' 25mb ', 26_214_400],
  ['bytes', '1,5 MB', 1_572_864],
  ['bytes', '700', 700],
  ['seconds', '2 hours', 7_200],
  ['ms', 'forever', undefined],
  ['bytes', '25 MP', undefined],
  ['number', '50 MB', undefined],
])('%s reads %j', (kind, text, value) => {
  expect(readValue(kind, text)).toBe(value);
});
