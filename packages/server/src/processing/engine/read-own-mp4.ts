import { open, type FileHandle } from 'node:fs/promises';

import type { OutputFacts } from './output-facts.ts';
import { boxesBetween } from './read-boxes.ts';
import { boxesIn, childOf, inside, readSamples, readTimes, type InMemory } from './read-sample-tables.ts';
import { readSps } from './read-sps.ts';

/** Eight times the index of four hours of picture and sound. */
const mostIndexBytes = 128 << 20;

/**
 * Reads an MP4 that was made here: the header and the tables of all samples, each of which has to lie in the file. Starting a program for this would
 * take longer than reading it. Null when its form differs from what is written here; throws when its parts contradict each other.
 */
export async function readOwnMp4(path: string): Promise<OutputFacts | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const top = await boxesBetween(file, 0, size);
    const moov = top.find(({ type }) => type === 'moov');
    const mdat = top.find(({ type }) => type === 'mdat');
    if (moov === undefined || mdat === undefined || top.some(({ type }) => type === 'moof') || moov.end - moov.content > mostIndexBytes) return null;
    if (top.some(({ end }) => end > size)) throw new Error('it ends in the middle of a box');
    const index = await bytesOf(file, moov.content, moov.end);
    const tags = [...top.filter(({ type }) => !plainTop.has(type)).map(({ type }) => type), ...tagsIn(index)];
    const tracks = boxesIn(index).filter(({ type }) => type === 'trak');
    return factsOf(index, tracks, { mdat, tags, isFastStart: moov.content < mdat.content });
  } finally {
    await file.close();
  }
}

const plainTop = new Set(['ftyp', 'moov', 'mdat', 'free']);

async function bytesOf(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  await file.read(bytes, 0, bytes.length, from);
  return bytes;
}

function factsOf(
  index: Buffer,
  tracks: readonly InMemory[],
  { mdat, tags, isFastStart }: { mdat: { content: number; end: number }; tags: string[]; isFastStart: boolean },
): OutputFacts | null {
  const movieScale = scaleOf(childOf(index, 'mvhd'));
  const facts: OutputFacts = { seconds: 0, tags, isFastStart, picture: null, sound: null };
  let [begin, end] = [Infinity, -Infinity];
  for (const { content: track } of tracks) {
    const media = childOf(track, 'mdia');
    const kind = childOf(media, 'hdlr').toString('latin1', 8, 12);
    const table = inside(media, ['minf', 'stbl']);
    const entries = childOf(table, 'stsd');
    const times = readTimes(table, track, { scale: scaleOf(childOf(media, 'mdhd')), movieScale });
    if (entries.readUInt32BE(4) !== 1 || times === null) return null;
    readSamples(table, mdat);
    const [entry] = boxesIn(entries.subarray(8));
    if (kind === 'vide' && entry?.type === 'avc1' && facts.picture === null) {
      const picture = pictureOf(entry.content, childOf(track, 'tkhd'));
      if (picture === null) return null;
      facts.picture = { ...picture, start: times.start, isMonotonic: times.isMonotonic, fps: times.count / Math.max(0.001, times.end - times.start) };
    } else if (kind === 'soun' && entry?.type === 'mp4a' && facts.sound === null) {
      facts.sound = { start: times.start };
    } else return null;
    [begin, end] = [Math.min(begin, times.start), Math.max(end, times.end)];
  }
  return tracks.length === 0 ? null : { ...facts, seconds: end - begin };
}

/** Ticks per second, after two dates of four or eight bytes. */
const scaleOf = (header: Buffer): number => header.readUInt32BE(header[0] === 1 ? 20 : 12);

/** Reads the parameter set in the H.264 entry, which decoders obey. Null when the pixels are not square. */
function pictureOf(entry: Buffer, head: Buffer): Omit<NonNullable<OutputFacts['picture']>, 'start' | 'isMonotonic' | 'fps'> | null {
  const boxes = boxesIn(entry.subarray(78));
  const config = boxes.find(({ type }) => type === 'avcC')?.content;
  if (config === undefined || (config.readUInt8(5) & 31) !== 1) return null;
  const sps = readSps(config.subarray(8, 8 + config.readUInt16BE(6)));
  const aspect = boxes.find(({ type }) => type === 'pasp')?.content;
  if (!sps.isSquare || (aspect !== undefined && aspect.readUInt32BE(0) !== aspect.readUInt32BE(4))) return null;
  const colour = boxes.find(({ type }) => type === 'colr')?.content;
  const transfer = colour?.toString('latin1', 0, 4) === 'nclx' ? colour.readUInt16BE(6) : sps.transfer;
  const { width, height } = sps;
  return {
    codec: 'h264',
    pixelFormat: sps.chroma === 1 && sps.bits === 8 ? 'yuv420p' : `of ${sps.bits} bits with chroma ${sps.chroma}`,
    width,
    height,
    isTurned: !isUpright(head.subarray(head[0] === 1 ? 52 : 40)),
    isHdr: [transfer, sps.transfer].some((number) => number === 16 || number === 18),
  };
}

const isUpright = (matrix: Buffer): boolean =>
  matrix.readInt32BE(0) === 65_536 && matrix.readInt32BE(4) === 0 && matrix.readInt32BE(12) === 0 && matrix.readInt32BE(16) === 65_536;

/** Metadata of the file or its tracks, except the name of the program that wrote it. */
function tagsIn(index: Buffer): string[] {
  const boxes = boxesIn(index);
  const owners = [index, ...boxes.filter(({ type }) => type === 'trak').map(({ content }) => content)];
  return owners.flatMap((owner) =>
    boxesIn(owner).flatMap(({ type, content }) => (type === 'udta' ? boxesIn(content).flatMap(namesOf) : type === 'meta' || type === 'uuid' ? [type] : [])),
  );
}

function namesOf({ type, content }: InMemory): string[] {
  if (type !== 'meta') return [type];
  const list = boxesIn(content.subarray(4)).find((box) => box.type === 'ilst')?.content;
  return list === undefined ? [] : boxesIn(list).flatMap((box) => (box.type === '\u00a9too' ? [] : [box.type]));
}
