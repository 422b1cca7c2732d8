import { beforeAll, expect, test } from 'vitest';

import type { Shown } from './index.ts';
import { renderKit, type RenderedKit } from '../test/render-kit.ts';

let built: RenderedKit;
beforeAll(async () => {
  built = await renderKit();
});
const picture = (media: Shown, props: object = {}): string => built.render(built.h(built.kit.MediaImage, { media, ...props }));

test('media without a picture show the page’s fallback, or a text without one', () => {
  expect(picture({ kind: 'audio', src: '/song.mp3' })).toContain('No preview');
  const icon = picture({ kind: 'audio', src: '/song.mp3' }, { fallback: built.h('b', null, 'a note') });
  expect(icon).toContain('<b>a note</b>');
  expect(icon).not.toContain('No preview');
});

test('for a recording only the poster is drawn, for a picture the picture', () => {
  expect(picture({ kind: 'video', src: '/film.mp4', thumbnailSrc: '/poster.webp' })).toContain('src="/poster.webp"');
  expect(picture({ kind: 'image', src: '/large.webp', thumbnailSrc: '/small.webp' })).toContain('src="/large.webp"');
  expect(picture({ kind: 'image', src: '/large.webp', thumbnailSrc: '/small.webp' }, { thumbnail: true })).toContain('src="/small.webp"');
});

test('the length of a recording is shown, and nothing of one that has none', () => {
  const film: Shown = { kind: 'video', src: '/film.mp4', thumbnailSrc: '/poster.webp' };
  expect(picture({ ...film, durationMs: 14_000 })).toContain('>Video 0:14<');
  expect(picture({ ...film, durationMs: 0 })).toBe(picture({ ...film, durationMs: null }));
});

test('generated media are marked with "AI", unless the page marks them itself', () => {
  const made: Shown = { src: '/made.webp', digitalSource: 'trainedAlgorithmicMedia' };
  expect(picture(made)).toContain('>AI<');
  expect(picture(made, { mark: false })).not.toContain('>AI<');
});

test('a picture above the fold is fetched first, with the property of this React version', () => {
  expect(picture({ src: '/large.webp' }, { priority: true }).toLowerCase()).toContain('fetchpriority="high"');
  expect(picture({ src: '/large.webp' })).not.toMatch(/fetchpriority/i);
});
