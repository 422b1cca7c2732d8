/** One box of an MP4, in memory. */
export type InMemory = { type: string; content: Buffer };

/** The consecutive boxes in a buffer. Throws when one exceeds its end. */
export function boxesIn(bytes: Buffer): InMemory[] {
  const boxes: InMemory[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length) throw new Error('a box goes on behind the end of the one that it lies in');
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}

/** The content of the only box of a type. Throws when there is none. */
export function childOf(bytes: Buffer, type: string): Buffer {
  const found = maybeIn(bytes, type);
  if (found === null) throw new Error(`there is no ${type}`);
  return found;
}

export const inside = (bytes: Buffer, types: readonly string[]): Buffer => types.reduce(childOf, bytes);

const maybeIn = (bytes: Buffer, type: string): Buffer | null => boxesIn(bytes).find((box) => box.type === type)?.content ?? null;

type Times = { start: number; end: number; count: number; isMonotonic: boolean };

/** When the first sample of a track is shown and the last one ends, in seconds. Null when its edit list does more than shift it. */
export function readTimes(table: Buffer, track: Buffer, { scale, movieScale }: { scale: number; movieScale: number }): Times | null {
  const edit = readEdit(track, movieScale);
  if (edit === null) return null;
  const later = runsOf(maybeIn(table, 'ctts'));
  let [at, first, last, count, run, left, isMonotonic] = [0, Infinity, -Infinity, 0, -1, 0, true];
  for (const [samples, delta] of runsOf(childOf(table, 'stts'))) {
    // As a signed number, this delta would be negative.
    if (delta > 0x7f_ff_ff_ff) isMonotonic = false;
    for (let sample = 0; sample < samples; sample++) {
      while (left === 0 && run + 1 < later.length) left = later[++run]?.[0] ?? 0;
      const shown = at + ((later[run]?.[1] ?? 0) | 0);
      if (left > 0) left--;
      first = Math.min(first, shown);
      last = Math.max(last, shown + delta);
      at += delta;
    }
    count += samples;
  }
  if (count === 0) throw new Error('a track has no sample');
  const end = Math.min((last - edit.from) / scale, edit.seconds ?? Infinity);
  return { start: edit.waits + Math.max(0, first - edit.from) / scale, end: edit.waits + end, count, isMonotonic };
}

/** Pairs of numbers: a sample count, and the value for each of these samples. */
function runsOf(box: Buffer | null): [number, number][] {
  if (box === null) return [];
  return Array.from({ length: box.readUInt32BE(4) }, (_, at) => [box.readUInt32BE(8 + at * 8), box.readUInt32BE(12 + at * 8)]);
}

/** `waits`: seconds before the track begins; `from`: the tick of its own clock at that moment; `seconds`: how long it is shown. */
function readEdit(track: Buffer, movieScale: number): { waits: number; from: number; seconds: number | null } | null {
  const list = maybeIn(track, 'edts') === null ? null : maybeIn(childOf(track, 'edts'), 'elst');
  if (list === null) return { waits: 0, from: 0, seconds: null };
  const isLong = list[0] === 1;
  const each = isLong ? 20 : 12;
  let waits = 0;
  for (let at = 0, count = list.readUInt32BE(4); at < count; at++) {
    const entry = list.subarray(8 + at * each);
    const seconds = (isLong ? Number(entry.readBigUInt64BE(0)) : entry.readUInt32BE(0)) / movieScale;
    const from = isLong ? Number(entry.readBigInt64BE(8)) : entry.readInt32BE(4);
    if (from >= 0) return at === count - 1 && entry.readUInt32BE(isLong ? 16 : 8) === 65_536 ? { waits, from, seconds: seconds || null } : null;
    waits += seconds;
  }
  return null;
}

/** Throws unless every sample of a track lies within the media data, and there are as many samples as times. */
export function readSamples(table: Buffer, { content: from, end: to }: { content: number; end: number }): void {
  const sizes = childOf(table, 'stsz');
  const [same, count] = [sizes.readUInt32BE(4), sizes.readUInt32BE(8)];
  if (runsOf(childOf(table, 'stts')).reduce((sum, [samples]) => sum + samples, 0) !== count) throw new Error('there are not as many times as samples');
  const chunks = offsetsOf(table);
  const groups = childOf(table, 'stsc');
  let sample = 0;
  for (let at = 0, all = groups.readUInt32BE(4); at < all; at++) {
    const last = at + 1 < all ? groups.readUInt32BE(8 + (at + 1) * 12) - 1 : chunks.length;
    const each = groups.readUInt32BE(12 + at * 12);
    for (let chunk = groups.readUInt32BE(8 + at * 12); chunk <= last; chunk++) {
      const begin = chunks[chunk - 1] ?? -1;
      let bytes = 0;
      for (let nth = 0; nth < each; nth++, sample++) bytes += same === 0 ? sizes.readUInt32BE(12 + sample * 4) : same;
      if (begin < from || begin + bytes > to) throw new Error('a sample lies outside of what there is');
    }
  }
  if (sample !== count) throw new Error('there are not as many sizes as samples');
}

function offsetsOf(table: Buffer): number[] {
  const short = maybeIn(table, 'stco');
  if (short !== null) return Array.from({ length: short.readUInt32BE(4) }, (_, at) => short.readUInt32BE(8 + at * 4));
  const long = childOf(table, 'co64');
  return Array.from({ length: long.readUInt32BE(4) }, (_, at) => Number(long.readBigUInt64BE(8 + at * 8)));
}
