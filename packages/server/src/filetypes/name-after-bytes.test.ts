import { expect, test } from 'vitest';

import { nameAfterBytes } from './name-after-bytes.ts';

const jpeg = Buffer.from('\xff\xd8\xff\xe0 and so on', 'latin1');

test('a name that would hide the type of a file gets the right extension', () => {
  expect(nameAfterBytes('photo.php', jpeg)).toBe('photo.jpg');
  expect(nameAfterBytes('photo.jpg', Buffer.from('<!doctype html><title>Log in</title>'))).toBe('photo.html');
  expect(nameAfterBytes('a.b.zip', jpeg)).toBe('a.b.jpg');
});

test.each(['photo.jpeg', 'photo.png', 'image.aspx', 'photo', 'photo.', '.jpg', 'photo.com'])('any other name stays: %s', (name) => {
  expect(nameAfterBytes(name, jpeg)).toBe(name);
});
