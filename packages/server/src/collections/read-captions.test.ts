import { expect, test } from 'vitest';

import { SafelightError } from '../lib/errors.ts';
import { readCaptions } from './read-captions.ts';

test('a SubRip file becomes WebVTT', () => {
  const srt = '\uFEFF1\r\n00:00:01,500 --> 00:00:03,000\r\nGood evening.\r\nAnd welcome.\r\n\r\n2\r\n01:02:03,004 --> 01:02:04,000\r\nBye.\r\n';
  expect(readCaptions(srt)).toBe('WEBVTT\n\n00:00:01.500 --> 00:00:03.000\nGood evening.\nAnd welcome.\n\n01:02:03.004 --> 01:02:04.000\nBye.\n');
});

test('a SubRip file of a careless program becomes WebVTT: short times, no spaces round the arrow, no empty line between cues', () => {
  const srt = '1\n0:00:01,5-->0:00:02,50\nOne\n2\n00:00:03 --> 00:00:04\nTwo\n00:00:05,000  -->  00:00:06,000 X1:1 X2:2\n3\n';
  const cues = ['00:00:01.500 --> 00:00:02.500\nOne', '00:00:03.000 --> 00:00:04.000\nTwo', '00:00:05.000 --> 00:00:06.000\n3'];
  expect(readCaptions(srt)).toBe(`WEBVTT\n\n${cues.join('\n\n')}\n`);
});

test('a line of foreign tags alone is left out, so that the words after it stay', () => {
  expect(readCaptions('00:01.000 --> 00:02.000\n<font color="red">\n{\\an8}\nFire!\n</font>\n')).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nFire!\n');
});

test('of a WebVTT file the cues are kept with their settings; styles and notes are dropped', () => {
  const vtt =
    'WEBVTT - a title\n\nSTYLE\n::cue { background: url(https://example.com/x) }\n\nNOTE hidden\n\nintro\n00:01.000 --> 00:02.000 align:start evil:yes\n<i>Hello</i>';
  expect(readCaptions(vtt)).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.000 align:start\n<i>Hello</i>\n');
});

const said = (words: string): string => readCaptions(`00:01.000 --> 00:02.000\n${words}\n`).split('\n').slice(3, -1).join('\n');

test.each([
  ['<b>bold</b> <i.first-class>slanted</i> <v Anna Maria>hello</v> <lang pt-BR>oi</lang> <00:01.500>now', null],
  ['<ruby>漢<rt>kan</rt></ruby>', null],
  ['<script>alert(1)</script>', 'alert(1)'],
  ['<img src=x onerror=alert(1)>', ''],
  ['<font color="red">Fire</font> <a href="javascript:alert(1)">here</a>', 'Fire here'],
  ['{\\an8}{\\i1}up{\\i0} {stays}', 'up {stays}'],
  ['<bogus>1</bogus><b onclick=alert(1)', '1&lt;b onclick=alert(1)'],
  ['<!-- away --><?xml version="1.0"?><svg/onload=alert(1)>', '→'],
  ['<b onclick=alert(1)>x</b> <v Bob onclick=alert(1)>y', 'x</b> y'],
  ['2 < 3 and 5 > 4 & so on', '2 &lt; 3 and 5 &gt; 4 & so on'],
  ['<scr<script>ipt>alert(1)', '&lt;script&gt;alert(1)'],
  ['a --> b', 'a → b'],
])('of the words %s only tags of WebVTT stay', (words, expected) => {
  const text = said(words);
  if (expected === '→') expect(text).not.toMatch(/<|-->/);
  else expect(text).toBe(expected ?? words);
});

test.each(['\r\n', '\r', '\n'])('lines may end in any way (%j), behind a mark of byte order, and what is no character is replaced', (end) => {
  const lines = [
    '\uFEFFWEBVTT',
    '',
    '1',
    '00:01.000 --> 00:02.000 line:0 size:50% region:fred style:x',
    'Olá\0 \u202Eolleh',
    'zwei',
    '',
    '',
    '2',
    '00:03,000 --> 00:04,000',
    'drei',
  ];
  expect(readCaptions(lines.join(end))).toBe(
    'WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:0 size:50%\nOlá\uFFFD \u202Eolleh\nzwei\n\n00:00:03.000 --> 00:00:04.000\ndrei\n',
  );
});

test.each([
  `00:01.000${' '.repeat(400_000)}x-->`,
  `00:01.000 --> 00:02.000${' '.repeat(400_000)}x`,
  `\n${' '.repeat(400_000)}x`,
  `00:01.000 --> 00:02.000\n${'<b'.repeat(200_000)}`,
  `00:01.000 --> 00:02.000\n<c${'.a'.repeat(200_000)}`,
])('what was written to take long takes no longer than its length', (text) => {
  const read = (): number => {
    try {
      return readCaptions(text).length;
    } catch (error) {
      return error instanceof SafelightError ? 0 : Number.NaN;
    }
  };
  expect(read()).toBeLessThan(2_000_000);
});

test('more cues than a film has are refused', () => {
  expect(() => readCaptions('00:01.000 --> 00:02.000\nx\n\n'.repeat(20_001))).toThrow(/at most 20000/);
});

test.each([
  ['prose', 'Once upon a time'],
  ['a cue that ends before it begins', '00:05.000 --> 00:01.000\nx'],
  ['a time that is none', '00:99.000 --> 01:00.000\nx'],
])('%s is refused', (_what, text) => {
  expect(() => readCaptions(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }) as Error);
});
