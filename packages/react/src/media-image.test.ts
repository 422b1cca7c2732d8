import { beforeAll, expect, test } from 'vitest';

import type { Shown } from './index.ts';
import { renderKit, type RenderedKit } from '../test/render-kit.ts';

let built: RenderedKit;
beforeAll(async () => {
  built = await renderKit();
});
const picture = (media: Shown, props: object = {}): string => built.render(built.h(built.kit.MediaImage, { media, ...props }));

test('what has no picture shows what the page puts in its place, and words where it puts nothing', () => {
  expect(picture({ kind: 'audio', src: '/song.mp3' })).toContain('No preview');
  const icon = picture({ kind: 'audio', src: '/song.mp3' }, { fallback: built.h('b', null, 'a note') });
  expect(icon).toContain('<b>a note</b>');
  expect(icon).not.toContain('No preview');
});

test('of a recording only the poster is drawn, of a picture the picture', () => {
  expect(picture({ kind: 'video', src: '/film.mp4', thumbnailSrc: '/poster.webp' })).toContain('src="/poster.webp"');
  expect(picture({ kind: 'image', src: '/large.webp', thumbnailSrc: '/small.webp' })).toContain('src="/large.webp"');
  expect(picture({ kind: 'image', src: '/large.webp', thumbnailSrc: '/small.webp' }, { thumbnail: true })).toContain('src="/small.webp"');
});

test('"AI" stands on what a machine made, unless the page says it elsewhere', () => {
  const made: Shown = { src: '/made.webp', digitalSource: 'trainedAlgorithmicMedia' };
  expect(picture(made)).toContain('>AI<');
  expect(picture(made, { mark: false })).not.toContain('>AI<');
});

test('a picture of the first view is fetched first, by the name that this React knows', () => {
  expect(picture({ src: '/large.webp' }, { priority: true }).toLowerCase()).toContain('fetchpriority="high"');
  expect(picture({ src: '/large.webp' })).not.toMatch(/fetchpriority/i);
});
