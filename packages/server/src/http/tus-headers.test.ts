import { describe, expect, test } from 'vitest';

import { parseChecksum, parseConcat, parseMetadata, parseWhole } from './tus-headers.ts';

const refused = { code: 'invalid_request' };

test('a number of bytes consists of digits only', () => {
  expect(parseWhole('0', 'Upload-Offset')).toBe(0);
  expect(parseWhole('900719925474099', 'Upload-Offset')).toBe(900_719_925_474_099);
  for (const value of [undefined, '', '-1', '+1', '1.0', '5abc', ' 5', '1e3', '0x10', '9'.repeat(16), ['1', '2']]) {
    expect(() => parseWhole(value, 'Upload-Offset')).toThrow(expect.objectContaining(refused));
  }
});

describe('metadata', () => {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');

  test('is read as UTF-8, and a key may have no value', () => {
    expect([...parseMetadata(`filename ${encoded('Grüße 😀.jpg')}, is_private`)]).toEqual([
      ['filename', 'Grüße 😀.jpg'],
      ['is_private', ''],
    ]);
    for (const none of [null, '', ' ']) expect(parseMetadata(none).size).toBe(0);
  });

  test('has no key twice, and is refused as a whole if any of it is malformed', () => {
    for (const header of ['a YQ==,a YQ==', 'a Y Q==', 'a ?', ',', 'ä YQ==', `a ${encoded('x'.repeat(4096))}`]) {
      expect(() => parseMetadata(header), header.slice(0, 40)).toThrow(expect.objectContaining(refused));
    }
  });
});

test('a checksum is a known algorithm and a digest', () => {
  expect(parseChecksum('sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=', ['sha1'])).toEqual({
    algorithm: 'sha1',
    digest: Buffer.from('Kq5sNclPz7QV2+lfQIuc6R7oRu0=', 'base64'),
  });
  expect(parseChecksum(undefined, ['sha1'])).toBeNull();
  for (const header of ['', 'sha1', 'sha1 ', 'sha1 ?', 'md5 Kq5s']) expect(() => parseChecksum(header, ['sha1'])).toThrow(expect.objectContaining(refused));
});

test('a concatenation names its parts by URL, and nothing else', () => {
  const [a, b] = ['0193a000-0000-7000-8000-000000000001', '0193a000-0000-7000-8000-000000000002'];
  expect(parseConcat(undefined)).toBeNull();
  expect(parseConcat('partial')).toEqual({ type: 'partial' });
  expect(parseConcat(`final;https://a.example/v1/uploads/tus/${a} /v1/uploads/tus/${b}`)).toEqual({ type: 'final', ids: [a, b] });
  for (const header of ['', 'final', 'final;', 'final; ', 'final;/v1/uploads/tus/x', 'whole'])
    expect(() => parseConcat(header)).toThrow(expect.objectContaining(refused));
});
