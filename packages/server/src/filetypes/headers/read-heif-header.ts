import { SafelightError } from '../../lib/errors.ts';
import { corruptMedia } from '../corrupt-media.ts';
import { boxes, type Box } from './iso-boxes.ts';
import { assertExtentsWithin } from './assert-extents-within.ts';
import { countSamples } from './count-samples.ts';
import { readColour } from './read-colour.ts';
import { readSequence } from './read-sequence.ts';
import { imageHeader, type ImageCodec, type ImageHeader } from './image-header.ts';

const maxItems = 20_000;

/**
 * Reads which item is the picture, and its codec, size, orientation and colours. The primary item decides the codec, not the brand in `ftyp`: generic
 * brands hold AV1 as well as HEVC.
 */
export function readHeifHeader(bytes: Buffer, mimeType: string): ImageHeader {
  const outermost = boxes(bytes, 0, bytes.length);
  const meta = outermost.find((box) => box.type === 'meta');
  const moov = outermost.find((box) => box.type === 'moov');
  const sequence = readSequence(bytes);
  if (sequence !== null) {
    const hasAlpha = sequence.transparency !== null;
    return imageHeader({ ...sequence.picture, mimeType, codec: 'av1-sequence', frames: sequence.frames.length, hasAlpha, channels: hasAlpha ? 4 : 3 });
  }
  if (meta === undefined && moov !== undefined)
    throw new SafelightError(
      'unsupported_codec',
      'This file holds a sequence of pictures that is not read here, and no single one. Save it with a still picture, or send it as WebP or GIF.',
    );
  if (meta === undefined) throw corruptMedia('it describes no picture');
  const children = boxes(bytes, meta.start + 4, meta.end);
  const child = (type: string): Box | undefined => children.find((box) => box.type === type);

  const primary = readPrimaryItem(bytes, child('pitm'));
  const types = readItemTypes(bytes, child('iinf'));
  const references = readReferences(bytes, child('iref'));
  const properties = readProperties(bytes, child('iprp'));
  const itemType = types.get(primary);
  if (itemType === undefined) throw corruptMedia('the picture that it names is not there');

  const own = properties.get(primary) ?? [];
  const { width, height } = sizeOf(bytes, own);
  const tiles = references.filter((reference) => reference.type === 'dimg' && reference.from === primary).flatMap((reference) => reference.to);
  const codedAs = tiles.length > 0 ? types.get(tiles[0] ?? -1) : itemType;
  const colourSource = own.some((box) => box.type === 'colr') ? own : (properties.get(tiles[0] ?? -1) ?? []);
  const depthBox = [...own, ...(properties.get(tiles[0] ?? -1) ?? [])].find((box) => box.type === 'pixi');
  const alphaItems = references.filter((reference) => reference.type === 'auxl' && reference.to.includes(primary)).map((reference) => reference.from);
  const hasAlpha = alphaItems.some((item) =>
    (properties.get(item) ?? []).some((box) => box.type === 'auxC' && /alpha|auxid:1/.test(bytes.toString('latin1', box.start + 4, box.end))),
  );

  assertExtentsWithin(bytes, child('iloc'), new Set([primary, ...tiles, ...alphaItems]));

  return imageHeader({
    mimeType,
    codec: codecOf(codedAs ?? itemType),
    storedWidth: width,
    storedHeight: height,
    // Of a sequence that is not decoded here, the still picture beside it counts.
    frames: moov === undefined ? 1 : countSamples(bytes, moov),
    decodableFrames: 1,
    hasAlpha,
    isPremultiplied: hasAlpha && references.some(({ type, from }) => type === 'prem' && from === primary),
    channels: hasAlpha ? 4 : 3,
    depth: depthBox === undefined ? 8 : (bytes[depthBox.start + 5] ?? 8),
    ...readColour(bytes, colourSource),
  });
}

/** The size as shown: after the cropping and rotation in the file. */
function sizeOf(bytes: Buffer, own: readonly Box[]): { width: number; height: number } {
  const size = own.find((box) => box.type === 'ispe');
  if (size === undefined || size.start + 12 > bytes.length) throw corruptMedia('it announces no size');
  let width = bytes.readUInt32BE(size.start + 4);
  let height = bytes.readUInt32BE(size.start + 8);
  if (width === 0 || height === 0) throw corruptMedia('it announces no size');
  // The decoder applies these properties, so its pixels are already cropped and upright.
  for (const box of own) {
    if (box.type === 'clap' && box.end - box.start >= 16) {
      if ([4, 12, 20, 28].some((at) => box.start + at + 4 <= box.end && bytes.readUInt32BE(box.start + at) === 0))
        throw corruptMedia('it is to be cropped to a fraction of zero');
      width = Math.min(width, Math.floor(bytes.readUInt32BE(box.start) / bytes.readUInt32BE(box.start + 4)));
      height = Math.min(height, Math.floor(bytes.readUInt32BE(box.start + 8) / bytes.readUInt32BE(box.start + 12)));
    }
    if (box.type === 'irot' && ((bytes[box.start] ?? 0) & 1) === 1) [width, height] = [height, width];
  }
  return { width, height };
}

function codecOf(itemType: string): ImageCodec {
  switch (itemType) {
    case 'hvc1':
    case 'hev1':
      return 'hevc';
    case 'av01':
      return 'av1';
    default:
      throw new SafelightError(
        'unsupported_codec',
        `The picture inside this HEIF file is coded as "${itemType.replace(/[^\w]/g, '?')}"; HEVC and AV1 are read here. Save it as JPEG or PNG.`,
      );
  }
}

function readPrimaryItem(bytes: Buffer, pitm: Box | undefined): number {
  if (pitm === undefined || pitm.start + 6 > bytes.length) throw corruptMedia('it does not say which of its items is the picture');
  return bytes[pitm.start] === 0 ? bytes.readUInt16BE(pitm.start + 4) : pitm.start + 8 <= bytes.length ? bytes.readUInt32BE(pitm.start + 4) : -1;
}

function readItemTypes(bytes: Buffer, iinf: Box | undefined): Map<number, string> {
  const types = new Map<number, string>();
  if (iinf === undefined) return types;
  for (const box of boxes(bytes, iinf.start + (bytes[iinf.start] === 0 ? 6 : 8), iinf.end)) {
    const version = bytes[box.start] ?? 0;
    if (box.type !== 'infe' || version < 2 || box.end - box.start < (version === 2 ? 12 : 14)) continue;
    const id = version === 2 ? bytes.readUInt16BE(box.start + 4) : bytes.readUInt32BE(box.start + 4);
    const at = box.start + (version === 2 ? 8 : 10);
    types.set(id, bytes.toString('latin1', at, at + 4));
    if (types.size > maxItems)
      throw new SafelightError('resource_limit', `The picture is made of more than ${maxItems} items, which no camera writes. Export it as JPEG.`);
  }
  return types;
}

function readReferences(bytes: Buffer, iref: Box | undefined): { type: string; from: number; to: number[] }[] {
  if (iref === undefined) return [];
  const wide = bytes[iref.start] === 1;
  const step = wide ? 4 : 2;
  const read = (at: number): number => (wide ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at));
  return boxes(bytes, iref.start + 4, iref.end).flatMap((box) => {
    if (box.start + step + 2 > box.end) return [];
    const count = bytes.readUInt16BE(box.start + step);
    const to: number[] = [];
    for (let i = 0, at = box.start + step + 2; i < count && at + step <= box.end; i++, at += step) to.push(read(at));
    return [{ type: box.type, from: read(box.start), to }];
  });
}

/** Item id → its properties, in the order in which they apply. */
function readProperties(bytes: Buffer, iprp: Box | undefined): Map<number, Box[]> {
  const found = new Map<number, Box[]>();
  if (iprp === undefined) return found;
  const parts = boxes(bytes, iprp.start, iprp.end);
  const container = parts.find((box) => box.type === 'ipco');
  if (container === undefined) return found;
  const all = boxes(bytes, container.start, container.end);
  for (const ipma of parts.filter((box) => box.type === 'ipma')) {
    const wideId = (bytes[ipma.start] ?? 0) >= 1;
    const wideIndex = ((bytes[ipma.start + 3] ?? 0) & 1) === 1;
    if (ipma.start + 8 > ipma.end) continue;
    const entries = bytes.readUInt32BE(ipma.start + 4);
    let at = ipma.start + 8;
    for (let entry = 0; entry < entries && at + (wideId ? 5 : 3) <= ipma.end; entry++) {
      const id = wideId ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at);
      at += wideId ? 4 : 2;
      const associations = bytes[at] ?? 0;
      at += 1;
      const own: Box[] = [];
      for (let i = 0; i < associations && at + (wideIndex ? 2 : 1) <= ipma.end; i++) {
        const index = wideIndex ? bytes.readUInt16BE(at) & 0x7fff : (bytes[at] ?? 0) & 0x7f;
        at += wideIndex ? 2 : 1;
        const property = all[index - 1];
        if (property !== undefined) own.push(property);
      }
      found.set(id, own);
    }
  }
  return found;
}
