import { describe, expect, test } from 'vitest';

import { contentDisposition, isInlineType } from './content-disposition.ts';

describe('the file name in a header', () => {
  test('is unchanged if every client reads it alike', () => {
    expect(contentDisposition('attachment', 'invoice 2026.pdf')).toBe('attachment; filename="invoice 2026.pdf"');
  });

  test('is sent in full next to an ASCII name if it has other letters', () => {
    expect(contentDisposition('attachment', 'Straße – été 📷.jpg')).toBe(
      `attachment; filename="Stra_e _ ete __.jpg"; filename*=UTF-8''Stra%C3%9Fe%20%E2%80%93%20%C3%A9t%C3%A9%20%F0%9F%93%B7.jpg`,
    );
  });

  test.each([
    'a\r\nSet-Cookie: x=1.jpg',
    'a\u0000b.png',
    'photo\u202egpj.exe',
    '../../etc/passwd',
    '\uff0e\uff0e\uff0fetc\uff0f\u2100.jpg',
    'C:\\x\\y.jpg',
    '"; filename="evil.html',
    '%2e%2e',
    'x'.repeat(400),
    '\ud800.jpg',
    '',
  ])('cannot leave the header: %j', (name) => {
    const header = contentDisposition('inline', name);
    expect(header).toMatch(/^inline; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]+"(; filename\*=UTF-8''[A-Za-z0-9%!#$&+.^_`|~-]+)?$/);
    expect(header).not.toMatch(/[/\\]|%2F|%5C|%0D|%0A|%E2%80%AE/i);
  });
});

describe('media that may be shown inline', () => {
  test.each(['text/html', 'image/svg+xml', 'application/pdf', 'text/xml', 'application/javascript'])('%s is only ever downloaded', (type) => {
    expect(isInlineType(type)).toBe(false);
  });
});
