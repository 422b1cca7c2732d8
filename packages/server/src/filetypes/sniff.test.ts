import { existsSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { sniffBytes, sniffType } from './sniff.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const padded = (text: string): Buffer => Buffer.concat([latin1(text), Buffer.alloc(64)]);
const ftyp = (major: string, ...compatible: string[]): Buffer => {
  const body = latin1(`ftyp${major}\0\0\0\0${compatible.join('')}`);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(4 + body.length);
  return Buffer.concat([size, body, Buffer.alloc(32)]);
};
const mimeOf = (bytes: Uint8Array): string | null => sniffType(bytes)?.mime ?? null;
const square = () => sharp({ create: { width: 8, height: 8, channels: 3, background: '#a03020' } });

describe('the type of a file is detected from its bytes', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)('a real %s picture', async (format) => {
    expect(mimeOf(await square().toFormat(format).toBuffer())).toBe(`image/${format}`);
  });

  test.each([
    ['heic as major brand', ftyp('heic', 'mif1'), 'image/heic'],
    ['mif1 with heic among the compatible', ftyp('mif1', 'miaf', 'heic'), 'image/heic'],
    ['mif1 with avif among the compatible', ftyp('mif1', 'avif', 'miaf'), 'image/avif'],
    ['mif1 alone', ftyp('mif1', 'miaf'), 'image/heif'],
    ['an HEVC sequence', ftyp('msf1', 'hevc'), 'image/heic'],
    ['an AVIF sequence', ftyp('avis', 'msf1'), 'image/avif'],
    ['an unknown brand that is compatible with heix', ftyp('Xyz1', 'heix'), 'image/heic'],
    ['isom', ftyp('isom', 'avc1'), 'video/mp4'],
    ['qt', ftyp('qt  '), 'video/quicktime'],
    ['M4A', ftyp('M4A ', 'isom'), 'audio/mp4'],
    ['3gp4', ftyp('3gp4', 'isom'), 'video/3gpp'],
    ['an unknown brand with nothing known beside it', ftyp('Xyz1', 'Abc2'), null],
  ])('ISO media: %s', (_, bytes, mime) => {
    expect(mimeOf(bytes)).toBe(mime);
  });

  test.each([
    ['II*\0\x10\0\0\0CR\x02\0', 'image/x-raw'],
    ['%PDF-1.7', 'application/pdf'],
    ['PK\x03\x04\x14\0', 'application/zip'],
    ['MZ\x90\0\x03', 'application/vnd.microsoft.portable-executable'],
    ['\x7fELF\x02\x01', 'application/x-executable'],
    ['RIFF\x10\0\0\0WAVEfmt ', 'audio/wav'],
    ['RIFF\x10\0\0\0AVI LIST', 'video/x-msvideo'],
    ['\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm', 'video/webm'],
    ['\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska', 'video/x-matroska'],
    [`OggS\0\x02${'\0'.repeat(22)}OpusHead`, 'audio/opus'],
    [`OggS\0\x02${'\0'.repeat(22)}\x01vorbis`, 'audio/ogg'],
    ['fLaC\0\0\0\x22', 'audio/flac'],
    ['ID3\x04\0\0\0\0\x02\x01', 'audio/mpeg'],
    ['\x1f\x8b\x08\0', 'application/gzip'],
    ['8BPS\0\x01', 'image/vnd.adobe.photoshop'],
  ])('%j', (head, mime) => {
    expect(mimeOf(padded(head))).toBe(mime);
  });

  test.each([
    ['<!DOCTYPE html><p>', 'text/html'],
    ['\ufeff  \n<script>alert(1)</script>', 'text/html'],
    ['<!-- hidden --><HTML>', 'text/html'],
    ['<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg/>', 'image/svg+xml'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    ['<?xml version="1.0"?><feed/>', 'text/xml'],
    ['#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd', 'application/vnd.apple.mpegurl'],
    ['ffconcat version 1.0\nfile /etc/passwd', 'text/x-ffconcat'],
    ['# a comment\nffconcat version 1.0', 'text/x-ffconcat'],
    ['<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash">', 'application/dash+xml'],
    ['push graphic-context\nviewbox 0 0 1 1', 'image/x-mvg'],
    ['<?php system($_GET["c"]);', 'application/x-httpd-php'],
    ['#!/bin/sh\nrm -rf /', 'text/x-shellscript'],
    ['Dear diary,', 'text/plain'],
    ['Größe;Preis\r\n1;2\r\n', 'text/plain'],
    ['MZungu is a word', 'text/plain'],
    ['ID3 tags are older than ID4', 'text/plain'],
    ['caffeine', 'text/plain'],
    ['let skip = true;', 'text/plain'],
    ['BM is short for what?', 'text/plain'],
    ['BZh and CWS and MZ', 'text/plain'],
  ])('text, and what something would run or follow: %j', (text, mime) => {
    expect(mimeOf(Buffer.from(text))).toBe(mime);
  });

  test('HTML is found in UTF-16 too', () => {
    expect(mimeOf(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<html><script>', 'utf16le')]))).toBe('text/html');
    expect(mimeOf(Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('<html><script>', 'utf16le').swap16()]))).toBe('text/html');
  });

  test('HTML counts as such before a zero byte, and not behind one', () => {
    expect(mimeOf(Buffer.from('\ufeff<html>\0\xff\0'))).toBe('text/html');
    expect(mimeOf(Buffer.from('\0<html>'))).toBeNull();
  });

  test('no beginning of any length makes it fail', async () => {
    const samples = [
      await square().png().toBuffer(),
      ftyp('mif1', 'heic'),
      padded('ID3\x04\0\0\x7f\x7f\x7f\x7f'),
      padded('OggS'),
      latin1('BM'),
      latin1('\xff\xfb'),
    ];
    for (const sample of samples) for (let length = 0; length <= sample.length; length++) expect(() => sniffType(sample.subarray(0, length))).not.toThrow();
    expect(sniffType(new Uint8Array(0))).toBeNull();
  });

  test('bytes after the first 64 KB change nothing', () => {
    const long = Buffer.alloc(sniffBytes + 400);
    long.write('ustar', sniffBytes + 257, 'latin1');
    expect(sniffType(long)).toBeNull();
  });
});

type CorpusFile = { file: string; declared_type: string; true_type: string };
const corpus = new URL('../../../../../shared/corpus/', import.meta.url);

describe.skipIf(!existsSync(corpus))('the corpus (skipped without ../shared/corpus)', () => {
  const manifest = existsSync(corpus) ? (JSON.parse(readFileSync(new URL('manifest.json', corpus), 'utf8')) as { files: CorpusFile[] }).files : [];
  // Different names for the same thing: an Opus stream is an Ogg file, this camera writes QuickTime's brand into an .mp4, and JSON is text.
  const equal: Record<string, string | null> = { 'audio/opus': 'audio/ogg', 'video/quicktime': 'video/mp4', 'text/plain': 'application/json' };

  test.each(manifest)('$file is $true_type', ({ file, true_type }) => {
    const mime = mimeOf(readFileSync(new URL(file, corpus)).subarray(0, sniffBytes));
    if (true_type === 'application/x-empty') expect(mime).toBeNull();
    else expect([mime, equal[mime ?? '']]).toContain(true_type);
  });
});
