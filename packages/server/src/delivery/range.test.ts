import { describe, expect, test } from 'vitest';

import { parseRange } from './range.ts';

describe('a Range header over 100 bytes', () => {
  test.each([
    ['bytes=0-', [{ start: 0, end: 99 }]],
    ['bytes=0-0', [{ start: 0, end: 0 }]],
    ['bytes=-10', [{ start: 90, end: 99 }]],
    ['bytes=-1000', [{ start: 0, end: 99 }]],
    ['bytes=90-1000', [{ start: 90, end: 99 }]],
    [
      'bytes=0-9, 20-29',
      [
        { start: 0, end: 9 },
        { start: 20, end: 29 },
      ],
    ],
    ['BYTES=5-6', [{ start: 5, end: 6 }]],
  ])('%s asks for %j', (header, ranges) => {
    expect(parseRange(header, 100)).toEqual(ranges);
  });

  test.each(['bytes=100-', 'bytes=200-300', 'bytes=-0'])('%s asks for nothing that is there', (header) => {
    expect(parseRange(header, 100)).toEqual([]);
  });

  test.each(['', 'bytes=', 'bytes=a-b', 'bytes=5-2', 'items=0-5', 'bytes=-', 'bytes=1', 'bytes=0-5,x', 'bytes =0-0', 'bytes = 0-0', 'bytes=0 - 0'])(
    '%j is not understood, so the whole is the answer',
    (header) => {
      expect(parseRange(header, 100)).toBeNull();
    },
  );

  test('answers the whole file rather than overlapping or countless ranges', () => {
    expect(parseRange('bytes=0-50,40-60', 100)).toBeNull();
    expect(parseRange(`bytes=${Array.from({ length: 40 }, (_, index) => `${index * 2}-${index * 2}`).join(',')}`, 100)).toBeNull();
  });
});
