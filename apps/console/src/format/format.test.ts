import { describe, expect, test } from 'vitest';

import { describeAge } from './describe-age.ts';
import { describeBytes } from '@safelight/contract/describe-bytes';
import { describeType } from '@safelight/contract/describe-type';

describe('describeBytes', () => {
  test.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1024, '1 KB'],
    [4_404_019, '4.2 MB'],
    [157_286_400, '150 MB'],
    [2 ** 50, '1024 TB'],
  ])('%i is %s', (bytes, said) => {
    expect(describeBytes(bytes)).toBe(said);
  });
});

describe('describeAge', () => {
  test.each([
    [-400, 'just now'],
    [42_000, '42 s ago'],
    [119_000, '2 min ago'],
    [7_200_000, '2 h ago'],
    [3 * 86_400_000, '3 days ago'],
  ])('%i ms is %s', (ms, said) => {
    expect(describeAge(ms)).toBe(said);
  });
});

describe('describeType', () => {
  test.each([
    ['image/jpeg', 'JPEG'],
    ['image/*', 'any image'],
    ['*/*', 'any file'],
    ['video/mp4', 'MP4'],
    ['application/x-tar', 'TAR'],
    ['text/plain', 'text'],
    ['application/msword', 'Word'],
    ['application/vnd.ms-excel', 'Excel'],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'Word'],
    ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'Excel'],
    ['application/vnd.openxmlformats-officedocument.presentationml.presentation', 'PowerPoint'],
    ['application/vnd.acme.thing', 'application/vnd.acme.thing'],
  ])('%s is %s', (type, said) => {
    expect(describeType(type)).toBe(said);
  });
});
