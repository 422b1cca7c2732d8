import { describe, expect, test } from 'vitest';

import { cleanFileName } from './clean-file-name.ts';

describe('the name of an uploaded file', () => {
  test.each([
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

  test('is limited and keeps its extension', () => {
    const kept = cleanFileName(`${'é'.repeat(400)}.jpg`);
    expect(kept).toHaveLength(255);
    expect(kept.endsWith('.jpg')).toBe(true);
  });

  test.each([
    ['a family', '👩‍👩‍👧‍👦'],
    ['a flag', '🇩🇪'],
    ['a skin tone', '👋🏽'],
    ['a letter with its marks', 'e\u0323\u0302'],
  ])('is never cut inside of %s', (_what, character) => {
    for (let before = 0; before < 12; before += 1) {
      const kept = cleanFileName(`${'x'.repeat(before)}${character.repeat(200)}.jpg`);
      const rest = kept.slice(before, -'.jpg'.length).normalize('NFC');
      expect(kept.length).toBeLessThanOrEqual(255);
      expect(rest.replaceAll(character.normalize('NFC'), '')).toBe('');
      expect(rest).not.toBe('');
    }
  });

  test('is not cut inside a character, even if one alone is longer than a name may be', () => {
    const kept = cleanFileName(`e${'\u0301\u0302'.repeat(400)}.jpg`);
    expect(kept.length).toBeLessThanOrEqual(255);
    expect(kept.isWellFormed()).toBe(true);
  });
});
