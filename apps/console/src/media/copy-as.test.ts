import type { Media } from '@safelight/contract/media';
import { expect, test } from 'vitest';

import { copiesOf } from './copy-as.ts';

const media = {
  id: '0199c0de-0000-7000-8000-000000000001',
  kind: 'image',
  src: '/media/abc',
  hlsSrc: null,
  srcSet: '/media/s 160w, /media/l 1280w',
  width: 1280,
  height: 800,
  altText: 'A "red" barn & a <dog>',
} as Media;

test('a picture is copied with absolute URLs, as HTML with its alternative text, and for two programs', () => {
  const copies = new Map(copiesOf(media, 'https://media.example', '/v1').map(({ name, text }) => [name, text]));
  expect([...copies.keys()]).toEqual(['Id', 'URL', '<img srcset>', 'curl', 'TypeScript']);
  expect(copies.get('URL')).toBe('https://media.example/media/abc');
  expect(copies.get('<img srcset>')).toBe(
    '<img src="https://media.example/media/abc" srcset="https://media.example/media/s 160w, https://media.example/media/l 1280w" sizes="100vw" width="1280" height="800" alt="A &quot;red&quot; barn &amp; a &lt;dog>" loading="lazy">',
  );
  expect(copies.get('curl')).toBe(`curl -H "Authorization: Bearer $SAFELIGHT_TOKEN" 'https://media.example/v1/media/${media.id}'`);
  expect(copies.get('TypeScript')).toContain(`client.media.read('${media.id}')`);
});

test('a video in several sizes has the address of its playlist', () => {
  const copies = copiesOf({ ...media, kind: 'video', hlsSrc: '/media/abc/main.m3u8' }, 'https://media.example', '');
  expect(copies).toContainEqual({ name: 'HLS playlist', text: 'https://media.example/media/abc/main.m3u8' });
});

test('media without a file yet offer what they have', () => {
  expect(copiesOf({ ...media, src: null }, 'https://media.example', '').map(({ name }) => name)).toEqual(['Id', 'curl', 'TypeScript']);
});
