import { describe, expect, test } from 'vitest';

import { artifactKey, keyPart, uploadKey } from './object-key.ts';

describe('a key', () => {
  test('has the id before the name, so that equal names never collide', () => {
    expect(uploadKey('media', 'ann', 'a1', 'cat.jpg')).toBe('media/ann/a1/cat.jpg');
    expect(artifactKey('media', 'ann', 'a1', 'r1', 'card', 'webp')).toBe('media/ann/a1/r1/card.webp');
  });

  test.each([
    ['../../etc/passwd', 'etc-passwd'],
    ['Ünïcode name.JPG', 'Unicode-name.JPG'],
    ['.hidden', 'hidden'],
    ['a/b\\c', 'a-b-c'],
    ['x\r\ny', 'x-y'],
  ])('makes one plain segment of %j', (text, part) => {
    expect(keyPart(text)).toBe(part);
  });

  test('is never empty and never too long, and keeps the extension', () => {
    expect(keyPart('日本')).toMatch(/^[0-9a-f]{16}$/);
    expect(keyPart('..')).toMatch(/^[0-9a-f]{16}$/);
    const long = keyPart(`${'n'.repeat(500)}.jpeg`);
    expect(long).toHaveLength(120);
    expect(long.endsWith('.jpeg')).toBe(true);
  });

  test('keeps owners apart whose ids differ only in characters that a key cannot contain', () => {
    const owners = ['auth0|1', 'auth0-1', 'auth0/1', 'a@b.example', 'a-b.example', 'ann', 'Ann'];
    expect(new Set(owners.map((owner) => uploadKey('media', owner, 'a', 'f'))).size).toBe(owners.length);
  });
});
