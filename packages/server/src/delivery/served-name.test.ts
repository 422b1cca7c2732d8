import { expect, test } from 'vitest';

import { servedName } from './served-name.ts';

test.each([
  ['print.jpg', 'image/webp', 'print.webp'],
  ['Print.JPG', 'image/jpeg', 'Print.JPG'],
  ['print.jpeg', 'image/jpeg', 'print.jpeg'],
  ['IMG_0001.HEIC', 'image/jpeg', 'IMG_0001.jpg'],
  ['my.trip.tiff', 'image/webp', 'my.trip.webp'],
  ['photo', 'image/webp', 'photo.webp'],
  ['poster v1.2', 'image/png', 'poster v1.2.png'],
  ['.jpg', 'image/webp', '.webp'],
  ['film.mov', 'video/mp4', 'film.mp4'],
  ['film.mov', 'text/vtt', 'film.vtt'],
  ['song.mp3', 'application/json', 'song.json'],
  ['song', 'application/json', 'song.json'],
  ['Bild – été.heif', 'image/webp', 'Bild – été.webp'],
  ['what.jpg', 'application/x-nobody-knows', 'what.jpg'],
])('what was made from %s and is %s is sent as %s', (fileName, mimeType, name) => {
  expect(servedName(fileName, { role: 'canonical', mimeType })).toBe(name);
});

test('the source keeps its given name, whatever its bytes are', () => {
  expect(servedName('phone.HEIC', { role: 'source', mimeType: 'image/jpeg' })).toBe('phone.HEIC');
});
