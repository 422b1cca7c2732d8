import { open, type FileHandle } from 'node:fs/promises';

import { boxesBetween, type Box } from './read-boxes.ts';

/**
 * Takes out of an encoded MP4 what its source said of its high range: how bright its screen was (`mdcv`, `clli`), and Dolby Vision. ffmpeg copies it
 * from the source's header although the picture has standard range by then, and players would switch their screen for it. The boxes become free
 * space, so that nothing moves.
 */
export async function withoutRange(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const top = await boxesBetween(file, 0, size);
    for (const box of top.filter(({ type }) => type === 'ftyp')) await renameBrand(file, box);
    for (const entry of await picturesIn(file, top))
      for (const { type, content } of await boxesBetween(file, entry.content + entryHeaderBytes, entry.end))
        if (ofRange.has(type)) await file.write('free', content - typeBytes, 'latin1');
  } finally {
    await file.close();
  }
}

const ofRange = new Set(['mdcv', 'clli', 'dvcC', 'dvvC', 'dvwC']);
const typeBytes = 4;
/** What precedes the boxes in the entry of a picture. */
const entryHeaderBytes = 78;

/** The H.264 entries of all tracks. */
async function picturesIn(file: FileHandle, top: readonly Box[]): Promise<Box[]> {
  let found = top.filter(({ type }) => type === 'moov');
  for (const wanted of ['trak', 'mdia', 'minf', 'stbl', 'stsd', 'avc1']) {
    const inner = await Promise.all(found.map(async ({ type, content, end }) => await boxesBetween(file, content + (type === 'stsd' ? 8 : 0), end)));
    found = inner.flat().filter(({ type }) => type === wanted);
  }
  return found;
}

async function renameBrand(file: FileHandle, { content, end }: Box): Promise<void> {
  const brands = Buffer.alloc(end - content);
  await file.read(brands, 0, brands.length, content);
  for (let at = 8; at < brands.length; at += 4) if (brands.toString('latin1', at, at + 4) === 'dby1') await file.write('isom', content + at, 'latin1');
}
