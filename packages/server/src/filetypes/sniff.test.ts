import { existsSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { checkAcceptedType, compareDeclaredType, sniffBytes, sniffType } from './sniff.ts';

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

describe('the type of a file is told from its bytes', () => {
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
    ['Dear diary,', null],
  ])('text that something would run or follow: %j', (text, mime) => {
    expect(mimeOf(Buffer.from(text))).toBe(mime);
  });

  test('HTML in UTF-16 is no hiding place', () => {
    expect(mimeOf(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<html><script>', 'utf16le')]))).toBe('text/html');
    expect(mimeOf(Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('<html><script>', 'utf16le').swap16()]))).toBe('text/html');
  });

  test('no head of any length makes it fail', async () => {
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

  test('bytes behind the first 64 KB change nothing', () => {
    const long = Buffer.alloc(sniffBytes + 400);
    long.write('ustar', sniffBytes + 257, 'latin1');
    expect(sniffType(long)).toBeNull();
  });
});

describe('a declared type or name is compared with the bytes', () => {
  const png = sniffType(padded('\x89PNG\r\n\x1a\n'));
  const jpeg = sniffType(padded('\xff\xd8\xff\xe0'));
  const heic = sniffType(ftyp('heic', 'mif1'));
  const html = sniffType(latin1('<html>'));
  const zip = sniffType(padded('PK\x03\x04'));

  test.each([
    ['the exact type', png, 'image/png', 'a.png'],
    ['an alias', jpeg, 'image/jpg', 'a.jpeg'],
    ['nothing', png, '', ''],
    ['nothing at all', png, undefined, undefined],
    ['application/octet-stream, which says nothing', png, 'application/octet-stream', 'photo'],
    ['a parameter behind the type', png, 'image/png; charset=binary', 'a.png'],
    ['HEIF for HEIC', heic, 'image/heif', 'IMG_1.HEIC'],
    ['an ending that is not known here', png, 'image/png', 'a.photo'],
    ['a multi-picture JPEG under its own ending', jpeg, 'image/jpeg', 'a.MPO'],
    ['an office document, which is a ZIP archive', zip, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'letter.docx'],
    ['an unknown type for unknown bytes', null, 'application/x-blender', 'scene.blend'],
    ['plain text', null, 'text/plain', 'notes.txt'],
    ['a page sent as text', html, 'text/plain', 'notes.txt'],
  ])('agrees: %s', (_, sniffed, mime, name) => {
    expect(compareDeclaredType(sniffed, mime, name)).toBeNull();
  });

  test.each([
    ['PNG declared as JPEG', png, 'image/jpeg', 'a.jpg'],
    ['PNG named .jpg', png, 'image/png', 'a.jpg'],
    ['PNG named .jpg, undeclared', png, '', 'A.JPG'],
    ['HTML declared as PNG', html, 'image/png', 'a.png'],
    ['HTML named .png', html, undefined, 'a.png'],
    ['JPEG declared as HEIC', jpeg, 'image/heic', 'a.heic'],
    ['ZIP declared as a picture', zip, 'image/png', undefined],
    ['ZIP declared as an unheard-of picture', zip, 'image/x-unheard-of', undefined],
    ['unknown bytes declared as JPEG', null, 'image/jpeg', 'a.jpg'],
    ['unknown bytes named .mp4', null, undefined, 'a.mp4'],
    ['a program declared as PDF', sniffType(padded('MZ\x90\0')), 'application/pdf', 'invoice.pdf'],
  ])('disagrees: %s', (_, sniffed, mime, name) => {
    expect(compareDeclaredType(sniffed, mime, name)?.code).toBe('type_mismatch');
  });

  test('says what is claimed and what is there', () => {
    expect(compareDeclaredType(png, 'image/jpeg', 'a.jpg')?.detail).toBe(
      'The file is declared as a JPEG picture (image/jpeg), but its bytes are a PNG picture (image/png). Send it under its real type, or convert it first.',
    );
  });
});

describe('a type is accepted or not', () => {
  const heic = sniffType(ftyp('heic'));
  test('exactly, by major type, as a wider type, or whatever it is', () => {
    expect(checkAcceptedType(heic, ['image/heic'])).toBeNull();
    expect(checkAcceptedType(heic, ['image/*'])).toBeNull();
    expect(checkAcceptedType(heic, ['image/heif'])).toBeNull();
    expect(checkAcceptedType(null, ['*/*'])).toBeNull();
  });

  test('and the refusal names what is accepted', () => {
    expect(checkAcceptedType(heic, ['image/jpeg', 'image/png'])).toEqual({
      code: 'unsupported_type',
      detail: 'This is a HEIC picture (image/heic). Accepted here: a JPEG picture, a PNG picture.',
    });
    expect(checkAcceptedType(null, ['image/jpeg'])?.code).toBe('unsupported_type');
  });
});

type CorpusFile = { file: string; declared_type: string; true_type: string };
const corpus = new URL('../../../../../shared/corpus/', import.meta.url);

describe.skipIf(!existsSync(corpus))('the corpus (skipped without ../shared/corpus)', () => {
  const manifest = existsSync(corpus) ? (JSON.parse(readFileSync(new URL('manifest.json', corpus), 'utf8')) as { files: CorpusFile[] }).files : [];
  // Names for the same thing: an Opus stream is an Ogg file, this camera writes QuickTime's brand into an .mp4, and JSON and nothing are no types of ours.
  const equal: Record<string, string | null> = { 'audio/opus': 'audio/ogg', 'video/quicktime': 'video/mp4' };
  const unknown = new Set(['application/json', 'application/x-empty']);

  test.each(manifest)('$file is $true_type', ({ file, true_type }) => {
    const mime = mimeOf(readFileSync(new URL(file, corpus)).subarray(0, sniffBytes));
    if (unknown.has(true_type)) expect(mime).toBeNull();
    else expect([mime, equal[mime ?? '']]).toContain(true_type);
  });
});
