import { corruptMedia } from '../corrupt-media.ts';
import type { ImageHeader, Orientation } from './image-header.ts';
import { boxes, boxesAt, type Box } from './iso-boxes.ts';
import { readColour } from './read-colour.ts';
import { readSamples, type Sample } from './read-samples.ts';

/** An animated AVIF: a track of AV1 frames, of which one more track may hold the transparency. */
export type Sequence = {
  picture: Pick<ImageHeader, 'storedWidth' | 'storedHeight' | 'orientation' | 'depth' | 'iccProfile' | 'cicp' | 'isPremultiplied'>;
  frames: Sample[];
  /** As many, or null for an opaque sequence. */
  transparency: Sample[] | null;
  /** How long each frame is shown, in milliseconds. */
  delays: number[];
  /** How often the sequence is played; 0 for ever. */
  plays: number;
  /** CICP's matrix coefficients and range, which outrank those in the frames. */
  coding: { matrix: number; isFullRange: boolean } | null;
};

/** Longer sequences are refused by their count of frames; their tables are not read. */
const mostFrames = 20_000;
const mostTracks = 16;

type Track = { id: number; auxiliaryTo: number[]; premultipliedBy: number[]; head: Box; trak: Box; table: Box; entry: Box; properties: Box[] };

/**
 * The sequence that browsers show instead of the still picture beside it: if the main brand says so, and the file has a track of AV1 frames that is
 * read here; null otherwise. Throws `corrupt_media` if the file ends before its last frame, or has none although its brand says so.
 */
export function readSequence(bytes: Buffer): Sequence | null {
  const tracks = readTracks(bytes);
  const colour = tracks.find(({ auxiliaryTo }) => auxiliaryTo.length === 0);
  if (colour === undefined) return null;
  const { properties, entry } = colour;
  const coding = properties.find(({ type }) => type === 'av1C');
  // A crop is rare, and the still picture has it too.
  if (coding === undefined || properties.some(({ type }) => type === 'clap')) return null;
  const frames = readSamples(bytes, colour.table, mostFrames);
  if (frames === null) return null;

  const [storedWidth, storedHeight] = [bytes.readUInt16BE(entry.start + 24), bytes.readUInt16BE(entry.start + 26)];
  if (storedWidth === 0 || storedHeight === 0) throw corruptMedia('it announces no size');
  const alpha = tracks.find(({ auxiliaryTo, properties: own }) => auxiliaryTo.includes(colour.id) && isTransparency(bytes, own));
  const transparency = alpha === undefined ? null : readSamples(bytes, alpha.table, mostFrames);
  if (transparency !== null && transparency.length !== frames.length) throw corruptMedia('its transparency has another number of frames than its colours');
  return {
    picture: {
      storedWidth,
      storedHeight,
      orientation: readOrientation(bytes, properties),
      depth: depthOf(bytes[coding.start + 2] ?? 0),
      isPremultiplied: alpha !== undefined && colour.premultipliedBy.includes(alpha.id),
      ...readColour(bytes, properties),
    },
    frames,
    transparency,
    delays: readDelays(bytes, colour, frames.length),
    plays: readPlays(bytes, colour),
    coding: readCoding(bytes, properties),
  };
}

/** From the third byte of the decoder's configuration. */
const depthOf = (flags: number): number => ((flags & 0x40) === 0 ? 8 : (flags & 0x20) === 0 ? 10 : 12);

function readCoding(bytes: Buffer, properties: readonly Box[]): Sequence['coding'] {
  const nclx = properties.find(({ type, start, end }) => type === 'colr' && end - start >= 11 && bytes.toString('latin1', start, start + 4) === 'nclx');
  return nclx === undefined ? null : { matrix: bytes.readUInt16BE(nclx.start + 8), isFullRange: (bytes.readUInt8(nclx.start + 10) & 0x80) !== 0 };
}

/** The tracks of AV1 frames with one description; none unless the main brand is that of a sequence. */
function readTracks(bytes: Buffer): Track[] {
  const outermost = boxes(bytes, 0, bytes.length);
  const [type] = outermost;
  const moov = outermost.find((box) => box.type === 'moov');
  if (type?.type !== 'ftyp' || bytes.toString('latin1', type.start, type.start + 4) !== 'avis') return [];
  if (moov === undefined) throw corruptMedia('it says that it is animated, but describes no frames');
  if (moov.nameAt - 4 + bytes.readUInt32BE(moov.nameAt - 4) > bytes.length) throw corruptMedia('it ends in the description of its frames');
  const traks = boxes(bytes, moov.start, moov.end).filter((box) => box.type === 'trak');
  return traks.slice(0, mostTracks).flatMap((trak) => readTrack(bytes, trak) ?? []);
}

/** A video sample entry has this many bytes before its boxes. */
const entryBytes = 78;

function readTrack(bytes: Buffer, trak: Box): Track | null {
  const [head] = boxesAt(bytes, trak, ['tkhd']);
  const [table] = boxesAt(bytes, trak, ['mdia', 'minf', 'stbl']);
  const [description] = table === undefined ? [] : boxesAt(bytes, table, ['stsd']);
  if (head === undefined || table === undefined || description === undefined) return null;
  const entries = boxes(bytes, description.start + 8, description.end);
  const [entry] = entries;
  if (entries.length !== 1 || entry?.type !== 'av01' || entry.end - entry.start < entryBytes) return null;
  const references = (type: string): number[] => boxesAt(bytes, trak, ['tref', type]).flatMap((box) => numbersIn(bytes, box));
  return {
    id: bytes.readUInt32BE(head.start + (bytes[head.start] === 1 ? 20 : 12)),
    auxiliaryTo: references('auxl'),
    premultipliedBy: references('prem'),
    head,
    trak,
    table,
    entry,
    properties: boxes(bytes, entry.start + entryBytes, entry.end),
  };
}

const numbersIn = (bytes: Buffer, { start, end }: Box): number[] =>
  Array.from({ length: Math.min(mostTracks, Math.floor((end - start) / 4)) }, (_, index) => bytes.readUInt32BE(start + 4 * index));

const isTransparency = (bytes: Buffer, properties: readonly Box[]): boolean =>
  properties.some(({ type, start, end }) => type === 'auxi' && /alpha|auxid:1/.test(bytes.toString('latin1', start + 4, end)));

/** By the quarter turns against the clock, then by the mirror: 0 exchanges top and bottom, 1 left and right. */
const orientations: readonly (readonly [unmirrored: Orientation, topBottom: Orientation, leftRight: Orientation])[] = [
  [1, 4, 2],
  [8, 5, 7],
  [3, 2, 4],
  [6, 7, 5],
];

function readOrientation(bytes: Buffer, properties: readonly Box[]): Orientation {
  const value = (name: string): number | null => {
    const box = properties.find(({ type, start, end }) => type === name && start < end);
    return box === undefined ? null : (bytes[box.start] ?? 0);
  };
  const mirror = value('imir');
  return orientations[(value('irot') ?? 0) & 3]?.[mirror === null ? 0 : (mirror & 1) + 1] ?? 1;
}

/** The encoders of animations take no longer ones. */
const longestDelay = 65_535;

/** Rounded so that the whole keeps its length: each frame ends at the millisecond nearest to its end. */
function readDelays(bytes: Buffer, { trak, table }: Track, frames: number): number[] {
  const [media] = boxesAt(bytes, trak, ['mdia', 'mdhd']);
  const [times] = boxesAt(bytes, table, ['stts']);
  const timescale = media === undefined ? 0 : bytes.readUInt32BE(media.start + (bytes[media.start] === 1 ? 20 : 12));
  const delays: number[] = [];
  if (times !== undefined && timescale > 0) {
    const entries = Math.min(bytes.readUInt32BE(times.start + 4), Math.floor((times.end - times.start - 8) / 8));
    let ticks = 0;
    for (let entry = 0; entry < entries && delays.length < frames; entry++) {
      const [count, delta] = [bytes.readUInt32BE(times.start + 8 + 8 * entry), bytes.readUInt32BE(times.start + 12 + 8 * entry)];
      for (let i = 0; i < count && delays.length < frames; i++) {
        const shownAt = Math.round((ticks * 1000) / timescale);
        ticks += delta;
        delays.push(Math.min(longestDelay, Math.round((ticks * 1000) / timescale) - shownAt));
      }
    }
  }
  while (delays.length < frames) delays.push(0);
  return delays;
}

/** More often is for ever, as far as anybody will notice. */
const mostPlays = 65_535;

/** An edit list that repeats is played until the track's duration is over; a file without one is played for ever. */
function readPlays(bytes: Buffer, { trak, head }: Track): number {
  const [list] = boxesAt(bytes, trak, ['edts', 'elst']);
  if (list === undefined) return 0;
  const isRepeated = (bytes.readUInt8(list.start + 3) & 1) === 1;
  if (!isRepeated) return 1;
  const isWide = (box: Box): boolean => bytes[box.start] === 1;
  const duration = isWide(head) ? Number(bytes.readBigUInt64BE(head.start + 28)) : bytes.readUInt32BE(head.start + 20);
  const once = isWide(list) ? Number(bytes.readBigUInt64BE(list.start + 8)) : bytes.readUInt32BE(list.start + 8);
  const isEndless = duration >= (isWide(head) ? 2 ** 64 - 1 : 2 ** 32 - 1);
  const plays = isEndless || once === 0 ? 0 : Math.max(1, Math.ceil(duration / once));
  return plays > mostPlays ? 0 : plays;
}
