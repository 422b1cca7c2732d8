import { inflateSync } from 'node:zlib';
import { corruptMedia } from '../corrupt-media.ts';
import { imageHeader, type Chromaticities, type ImageHeader, type Orientation } from './image-header.ts';
import { readExifOrientation } from './read-exif-orientation.ts';

/** A larger profile is a decompression bomb; the largest real ones are printer tables of 2–3 MB. */
const maxProfileBytes = 4 << 20;

export function readPngHeader(bytes: Buffer): ImageHeader {
  if (bytes.length < 33 || bytes.toString('latin1', 12, 16) !== 'IHDR') throw corruptMedia('it ends before its size');
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const depth = bytes[24] ?? 0;
  const colourType = bytes[25] ?? 0;
  const channels = ({ 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as Record<number, number>)[colourType];
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff || channels === undefined)
    throw corruptMedia('it announces an impossible size or colour');

  let orientation: Orientation = 1;
  let frames = 1;
  let hasAlpha = colourType === 4 || colourType === 6;
  let iccProfile: Buffer | null = null;
  let cicp: ImageHeader['cicp'] = null;
  let isSrgb = false;
  let gamma: number | null = null;
  let chromaticities: Chromaticities | null = null;
  for (const chunk of pngChunks(bytes)) {
    if (chunk.type === 'acTL' && chunk.body.length >= 4) frames = Math.max(1, chunk.body.readUInt32BE(0));
    if (chunk.type === 'eXIf') orientation = readExifOrientation(chunk.body);
    if (chunk.type === 'tRNS') hasAlpha = true;
    if (chunk.type === 'iCCP') iccProfile = readProfile(chunk.body);
    // The third byte is the YCbCr matrix, which a PNG does not have.
    if (chunk.type === 'cICP' && chunk.body.length >= 4 && chunk.body[2] === 0) cicp = { primaries: chunk.body[0] ?? 0, transfer: chunk.body[1] ?? 0 };
    if (chunk.type === 'sRGB') isSrgb = true;
    if (chunk.type === 'gAMA' && chunk.body.length >= 4) gamma = chunk.body.readUInt32BE(0) / 100_000;
    if (chunk.type === 'cHRM') chromaticities = readChromaticities(chunk.body);
  }
  // The order of precedence in the specification: cICP, iCCP, sRGB, gAMA with cHRM.
  if (cicp !== null) iccProfile = null;
  const isSilent = cicp === null && iccProfile === null && !isSrgb;
  return imageHeader({
    mimeType: 'image/png',
    codec: 'png',
    storedWidth: width,
    storedHeight: height,
    orientation,
    frames,
    decodableFrames: 1,
    hasAlpha,
    depth,
    channels,
    colour: colourType === 0 || colourType === 4 ? 'grey' : 'rgb',
    interlaced: bytes[28] === 1,
    iccProfile,
    cicp,
    gamma: isSilent && gamma !== null && gamma > 0.05 && gamma < 20 ? { exponent: 1 / gamma, chromaticities } : null,
  });
}

function readChromaticities(body: Buffer): Chromaticities | null {
  if (body.length < 32) return null;
  const point = (at: number): readonly [number, number] => [body.readUInt32BE(at) / 100_000, body.readUInt32BE(at + 4) / 100_000];
  return { white: point(0), red: point(8), green: point(16), blue: point(24) };
}

function readProfile(body: Buffer): Buffer | null {
  const nameEnd = body.indexOf(0);
  try {
    return inflateSync(body.subarray(nameEnd + 2), { maxOutputLength: maxProfileBytes });
  } catch {
    return null; // A broken profile is no reason to refuse a good picture.
  }
}

type Chunk = { type: string; at: number; end: number; body: Buffer };

function* pngChunks(bytes: Buffer): Generator<Chunk> {
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + length;
    yield { type, at, end, body: bytes.subarray(at + 8, Math.min(at + 8 + length, bytes.length)) };
    if (type === 'IEND') return;
    at = end;
  }
}

/** Chunks that determine how pixels look. Everything else (above all text: 200 MB can hide in 200 KB) never reaches the decoder. */
const pictureChunks = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND', 'iCCP', 'sRGB', 'gAMA', 'cHRM', 'sBIT', 'eXIf']);

/** The same PNG without text and unknown chunks; the same buffer when there are none. */
export function pngPictureOnly(bytes: Buffer): Buffer {
  const kept: Buffer[] = [bytes.subarray(0, 8)];
  let hasOthers = false;
  for (const chunk of pngChunks(bytes)) {
    if (pictureChunks.has(chunk.type)) kept.push(bytes.subarray(chunk.at, chunk.end));
    else hasOthers = true;
  }
  return hasOthers ? Buffer.concat(kept) : bytes;
}
