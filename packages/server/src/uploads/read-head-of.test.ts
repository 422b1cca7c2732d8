import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import { sniffBytes } from '../filetypes/sniff.ts';
import { readHeadOf } from './read-head-of.ts';

const pieceOf = (number: number): Buffer => Buffer.alloc(40_000, number);
const pieces = [1, 2, 3, 4].map(pieceOf);
const joined = Buffer.concat(pieces);

test('the head of a body comes first, and then its pieces as they came, without a copy', async () => {
  const { head, whole } = await readHeadOf(Readable.from(pieces))();
  expect(head).toEqual(joined.subarray(0, sniffBytes));
  const all = await whole(joined.length);
  expect(all).toEqual(pieces);
});

test.each([
  ['is not asked for as a whole', 0],
  ['is longer than what is asked for', 50_000],
])('a body that %s comes as a stream with all of its bytes', async (_what, mostBytes) => {
  const { whole } = await readHeadOf(Readable.from(pieces))();
  const all = await whole(mostBytes);
  if (Array.isArray(all)) throw new Error('It came as a whole.');
  expect(await buffer(all)).toEqual(joined);
});

test('a body whose rest is slow comes as a stream, also when it is asked for again', async () => {
  const body = new PassThrough();
  body.write(Buffer.concat(pieces.slice(0, 2)));
  const read = readHeadOf(body);
  const { whole } = await read();
  await whole(joined.length);
  const again = await (await read()).whole(joined.length);
  if (Array.isArray(again)) throw new Error('It came as a whole.');
  body.write(pieces[2]);
  body.end(pieces[3]);
  expect(await buffer(again)).toEqual(joined);
});

test('a short body is there as a whole', async () => {
  const { head, whole } = await readHeadOf(Readable.from([Buffer.from('some '), Buffer.from('words')]))();
  expect(head.toString()).toBe('some words');
  const all = await whole(0);
  expect(Array.isArray(all) && Buffer.concat(all).toString()).toBe('some words');
});
