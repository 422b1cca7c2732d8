import { expect, test } from 'vitest';

import { readCaptions } from './read-captions.ts';

test('a SubRip file becomes WebVTT', () => {
  const srt = '\uFEFF1\r\n00:00:01,500 --> 00:00:03,000\r\nGood evening.\r\nAnd welcome.\r\n\r\n2\r\n01:02:03,004 --> 01:02:04,000\r\nBye.\r\n';
  expect(readCaptions(srt)).toBe('WEBVTT\n\n00:00:01.500 --> 00:00:03.000\nGood evening.\nAnd welcome.\n\n01:02:03.004 --> 01:02:04.000\nBye.\n');
});

test('of a WebVTT file the cues stay, with how they stand; styles and notes go', () => {
  const vtt =
    'WEBVTT - a title\n\nSTYLE\n::cue { background: url(https://example.com/x) }\n\nNOTE hidden\n\nintro\n00:01.000 --> 00:02.000 align:start evil:yes\n<i>Hello</i>';
  expect(readCaptions(vtt)).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.000 align:start\n<i>Hello</i>\n');
});

test.each([
  ['prose', 'Once upon a time'],
  ['a cue that ends before it begins', '00:05.000 --> 00:01.000\nx'],
  ['a time that is none', '00:99.000 --> 01:00.000\nx'],
])('%s is refused', (_what, text) => {
  expect(() => readCaptions(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }) as Error);
});
