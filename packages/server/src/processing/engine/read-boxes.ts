import { open, type FileHandle } from 'node:fs/promises';

/** One box of an ISO base media file (MP4, QuickTime): its four-letter type, and where its content begins and ends. */
export type Box = { type: string; content: number; end: number };

/** No honest file has more; a fragmented one of four hours has about twenty thousand. */
const mostBoxes = 100_000;

export type BoxFacts = {
  /** Fragments determine its length, whatever the header says. */
  isFragmented: boolean;
  /** The index precedes the samples. */
  isFastStart: boolean;
  /** Samples without an index: the recording was never finished, or its end is missing. */
  isHeadless: boolean;
  /** A box with frames or their index ends after the end of the file; other truncated boxes do not matter. */
  isCut: boolean;
  /** The largest number of sample descriptions of a track; a track with more than one cannot be copied into a stream that all players accept. */
  sampleDescriptions: number;
};

const essential = new Set(['mdat', 'moov', 'moof']);

/** Reads which boxes there are, without their contents. */
export async function readBoxFacts(path: string): Promise<BoxFacts> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const top = await boxesBetween(file, 0, size);
    const moov = top.find(({ type }) => type === 'moov');
    const mdat = top.find(({ type }) => type === 'mdat');
    return {
      isFragmented: top.some(({ type }) => type === 'moof'),
      isFastStart: moov !== undefined && mdat !== undefined && moov.content < mdat.content,
      isHeadless: mdat !== undefined && moov === undefined,
      isCut: top.some(({ type, end }) => essential.has(type) && end > size),
      sampleDescriptions: moov === undefined ? 0 : await mostDescriptions(file, moov),
    };
  } finally {
    await file.close();
  }
}

const mostWords = 8;
const mostWordBytes = 1 << 20;

/** The contents of the top-level `uuid` boxes, which hold XMP and C2PA manifests; skips boxes larger than any real one. */
export async function readUuidBoxes(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const boxes = (await boxesBetween(file, 0, size)).filter(({ type, content, end }) => type === 'uuid' && end <= size && end - content <= mostWordBytes);
    const contents = boxes
      .slice(0, mostWords)
      .map(async ({ content, end }) => (await file.read(Buffer.alloc(end - content), 0, end - content, content)).buffer);
    return Buffer.concat(await Promise.all(contents));
  } finally {
    await file.close();
  }
}

async function mostDescriptions(file: FileHandle, moov: Box): Promise<number> {
  let most = 0;
  const tracks = (await boxesBetween(file, moov.content, moov.end)).filter(({ type }) => type === 'trak');
  for (const track of tracks.slice(0, 64)) {
    let box: Box | undefined = track;
    for (const type of ['mdia', 'minf', 'stbl', 'stsd']) {
      if (box === undefined) break;
      const { content, end }: Box = box;
      box = (await boxesBetween(file, content, end)).find((inner) => inner.type === type);
    }
    if (box === undefined) continue;
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, box.content);
    most = Math.max(most, buffer.readUInt32BE(4));
  }
  return most;
}

/** The consecutive boxes in a part of a file, up to the first invalid one. */
export async function boxesBetween(file: FileHandle, from: number, to: number): Promise<Box[]> {
  const boxes: Box[] = [];
  const head = Buffer.alloc(16);
  for (let at = from; at + 8 <= to && boxes.length < mostBoxes;) {
    const { bytesRead } = await file.read(head, 0, 16, at);
    if (bytesRead < 8) break;
    const short = head.readUInt32BE(0);
    const isLong = short === 1 && bytesRead === 16;
    // Zero means: up to the end.
    const size = isLong ? Number(head.readBigUInt64BE(8)) : short === 0 ? to - at : short;
    if (size < 8) break;
    boxes.push({ type: head.toString('latin1', 4, 8), content: at + (isLong ? 16 : 8), end: at + size });
    at += size;
  }
  return boxes;
}
