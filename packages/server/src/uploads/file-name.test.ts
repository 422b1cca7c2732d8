import { describe, expect, it } from 'vitest';

import { cleanFileName } from './file-name.ts';

describe('the name of an uploaded file', () => {
  it.each([
    ['Holiday in Åre.jpeg', 'Holiday in Åre.jpeg'],
    ['C:\\Users\\me\\photo.jpg', 'photo.jpg'],
    ['../../etc/passwd', 'passwd'],
    ['a\r\nb.png', 'ab.png'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['..', 'file'],
    ['   ', 'file'],
    ['dir/', 'file'],
  ])('%j is kept as %j', (given, kept) => {
    expect(cleanFileName(given)).toBe(kept);
  });

  it('is bounded and keeps its extension', () => {
    const kept = cleanFileName(`${'é'.repeat(400)}.jpg`);
    expect(kept).toHaveLength(255);
    expect(kept.endsWith('.jpg')).toBe(true);
  });
});
