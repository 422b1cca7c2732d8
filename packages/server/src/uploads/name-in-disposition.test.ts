import { expect, test } from 'vitest';

import { nameInDisposition } from './name-in-disposition.ts';

const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

test.each([
  ['attachment; filename="quoted name.jpg"', 'quoted name.jpg'],
  ['attachment; filename=plain.jpg', 'plain.jpg'],
  ['attachment; filename=two words.jpg; size=3', 'two words.jpg'],
  ['attachment;filename="a.jpg"', 'a.jpg'],
  ['filename="a.jpg"', 'a.jpg'],
  ['attachment; FileName="a;b.jpg"', 'a;b.jpg'],
  ['attachment; filename="my \\"best\\" cat.jpg"', 'my "best" cat.jpg'],
  ['attachment; filename="..\\..\\x.jpg"', '..\\..\\x.jpg'],
  [utf8('attachment; filename="naïve 日本.jpg"'), 'naïve 日本.jpg'],
  ['attachment; filename="na\xefve.jpg"', 'naïve.jpg'],
  ['attachment; filename="na%C3%AFve.jpg"', 'naïve.jpg'],
  [utf8('attachment; filename="日本 na%C3%AFve.jpg"'), '日本 naïve.jpg'],
  ['attachment; filename="100%.jpg"', '100%.jpg'],
  ['attachment; filename="50%FF.jpg"', '50%FF.jpg'],
  ['attachment; filename="=?UTF-8?B?bmHDr3ZlLmpwZw==?="', 'naïve.jpg'],
  ['attachment; filename="=?utf-8?Q?na=C3=AFve_cat.jpg?="', 'naïve cat.jpg'],
  ['attachment; filename="=?UTF-8?B?bmHDr3Y=?= =?UTF-8?B?ZS5qcGc=?="', 'naïve.jpg'],
  ['attachment; filename="=?iso-8859-1?Q?na=EFve.jpg?="', 'naïve.jpg'],
  ['attachment; filename="=?no-such-charset?Q?x?="', '=?no-such-charset?Q?x?='],
  [`attachment; filename="x.jpg"; filename*=utf-8''na%C3%AFve.jpg`, 'naïve.jpg'],
  [`attachment; filename*=UTF-8'en'na%C3%AFve.jpg; filename="x.jpg"`, 'naïve.jpg'],
  [`attachment; filename*=ISO-8859-1''na%EFve.jpg`, 'naïve.jpg'],
  [`attachment; filename="x.jpg"; filename*=utf-8''na%EFve.jpg`, 'x.jpg'],
  [`attachment; filename="x.jpg"; filename*=utf-8''%zz.jpg`, 'x.jpg'],
  ['attachment; filename="first.jpg"; filename="second.jpg"', 'first.jpg'],
  ['attachment; filename="cut off', 'cut off'],
  ['inline', undefined],
  ['', undefined],
])('%j names the file %j', (header, name) => {
  expect(nameInDisposition(header)).toBe(name);
});
