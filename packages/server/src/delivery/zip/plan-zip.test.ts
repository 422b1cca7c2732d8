import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

import { describe, expect, onTestFinished, test } from 'vitest';

import { nameEntries } from './name-entries.ts';
import { bytesOfFile, readZipRange } from './read-zip-range.ts';
import { planZip, type ZipFile } from './plan-zip.ts';

const run = promisify(execFile);
const unzip = ['/usr/bin/unzip', '/usr/local/bin/unzip'].find(existsSync);
const modifiedAt = new Date('2026-03-04T05:06:08Z');
const contents = [randomBytes(1000), Buffer.alloc(0), randomBytes(70_000), Buffer.from('ä')];
const names = ['a.bin', 'empty.txt', 'Größe 🎈, "x".bin'.replaceAll('"', "'"), 'ä.txt'];
const files = contents.map((bytes, index): ZipFile => ({ name: names[index] ?? '', bytes: bytes.length, crc32: crc32(bytes), modifiedAt }));
const plan = planZip(files);
const read = async (start: number, end: number) =>
  await buffer(
    readZipRange(plan, { start, end }, async (index, range) => Readable.from([(contents[index] ?? Buffer.alloc(0)).subarray(range.start, range.end + 1)])),
  );

test('has exactly its planned length, the same every time, and lists its contents', async () => {
  const whole = await read(0, plan.bytes - 1);
  expect(whole.length).toBe(plan.bytes);
  expect((await read(0, plan.bytes - 1)).equals(whole)).toBe(true);
  expect(planZip(files).etag).toBe(plan.etag);
  expect(planZip(files.map((file) => ({ ...file, crc32: 1 }))).etag).not.toBe(plan.etag);
});

test('answers any range as that range of the whole, including where it was cut', async () => {
  const whole = await read(0, plan.bytes - 1);
  for (let turn = 0; turn < 300; turn++) {
    const start = randomInt(plan.bytes);
    const end = randomInt(start, plan.bytes);
    expect((await read(start, end)).equals(whole.subarray(start, end + 1)), `${start}-${end}`).toBe(true);
    const resumed = Buffer.concat([whole.subarray(0, start), await read(start, plan.bytes - 1)]);
    expect(resumed.equals(whole), `cut at ${start}`).toBe(true);
  }
});

test('of every range, each file has the part that is in it', async () => {
  for (let turn = 0; turn < 100; turn++) {
    const start = randomInt(plan.bytes);
    const end = randomInt(start, plan.bytes);
    const bytes = await read(start, end);
    for (const [index, content] of contents.entries()) {
      const { from, to } = bytesOfFile(plan, index, { start, end });
      expect(to - from === 0 || content.includes(bytes.subarray(from, to))).toBe(true);
    }
  }
  const all = contents.map((_, index) => bytesOfFile(plan, index, { start: 0, end: plan.bytes - 1 }));
  expect(all.map(({ from, to }) => to - from)).toEqual(contents.map(({ length }) => length));
});

test('ends with an error if a file is missing or short', async () => {
  const open = (body: () => Readable) => buffer(readZipRange(plan, { start: 0, end: plan.bytes - 1 }, async () => body()));
  await expect(open(() => Readable.from([Buffer.alloc(10)]))).rejects.toThrow(/less than it has/);
  await expect(
    open(() => {
      throw new Error('not there');
    }),
  ).rejects.toThrow('not there');
});

test('uses the large form for sizes and offsets beyond four gigabytes, and only for those', () => {
  const large = 5 * 2 ** 30;
  const one = (bytes: number, name: string): ZipFile => ({ name, bytes, crc32: 1, modifiedAt });
  const headOf = (zip: ReturnType<typeof planZip>, index: number) => zip.pieces.filter(({ content }) => Buffer.isBuffer(content))[index]?.content;
  const two = planZip([one(large, 'a'), one(large, 'b')]);
  expect(headOf(two, 0)).toHaveLength(30 + 1 + 20);
  const end = headOf(two, 2);
  expect(end).toHaveLength(46 + 1 + 20 + (46 + 1 + 28) + 76 + 22);
  expect(two.bytes).toBe(2 * (large + 51) + 142 + 98);
  expect(headOf(planZip([one(0xfffffffe, 'a')]), 0)).toHaveLength(31);
  const many = planZip(Array.from({ length: 70_000 }, (_, index) => one(1, String(index))));
  const tail = many.pieces.at(-1)?.content;
  expect(Buffer.isBuffer(tail) && tail.subarray(-98, -94).equals(Buffer.from('504b0606', 'hex'))).toBe(true);
});

describe.skipIf(unzip === undefined)(`unzip (${unzip ?? 'skipped: the Debian package unzip is not installed'})`, () => {
  test('finds it intact, with all of its files', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'safelight-zip-'));
    onTestFinished(async () => await rm(folder, { recursive: true }));
    const archive = path.join(folder, 'all.zip');
    await writeFile(archive, await read(0, plan.bytes - 1));
    expect((await run(unzip ?? '', ['-t', archive])).stdout).toContain('No errors detected');
    await run(unzip ?? '', ['-q', archive, '-d', folder], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    for (const [index, name] of names.entries()) expect((await readFile(path.join(folder, name))).equals(contents[index] ?? Buffer.alloc(0)), name).toBe(true);
  });
});

test('names of entries stay in their folder and are unique', () => {
  expect(nameEntries(['a.jpg', 'A.JPG', 'a.jpg', 'a (2).jpg'])).toEqual(['a.jpg', 'A (2).JPG', 'a (3).jpg', 'a (2) (2).jpg']);
  expect(nameEntries(['../../etc/passwd', '..', '', '/', 'C:\\x', '.bashrc', 'a\u202egpj.exe'])).toEqual([
    '___.._etc_passwd',
    'file',
    'file (2)',
    '_',
    'C__x',
    '_bashrc',
    'agpj.exe',
  ]);
  const [long = ''] = nameEntries([`${'ä'.repeat(300)}.jpg`]);
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255);
  expect(long.endsWith('ä.jpg')).toBe(true);
  const [odd = ''] = nameEntries([`x.${'ä'.repeat(250)}`]);
  expect([Buffer.byteLength(odd) <= 255, odd.startsWith('x.ä')]).toEqual([true, true]);
});

test('no entry has a name that Windows takes for a device, nor two that differ only in what a system folds', () => {
  expect(nameEntries(['CON', 'aux.tar.gz', 'com1.txt', 'LPT³', 'nul .bin', 'console.log', 'com10'])).toEqual([
    '_CON',
    '_aux.tar.gz',
    '_com1.txt',
    '_LPT³',
    '_nul .bin',
    'console.log',
    'com10',
  ]);
  expect(nameEntries(['ß.bin', 'SS.bin', 'ﬁ', 'fi'])).toEqual(['ß.bin', 'SS (2).bin', 'ﬁ', 'fi (2)']);
});
