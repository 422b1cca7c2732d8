import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';

import type { CollectionConfig } from '../policy/collection.ts';
import type { Locator } from '../storage/locator.ts';
import { findBookCover } from './archive/find-book-cover.ts';
import { listArchive, type ReadPart } from './archive/list-archive.ts';
import type { Made, MakeInput } from './made.ts';
import { makeCover, showsCovers } from './make-cover.ts';
import type { ProcessingContext } from './processing-context.ts';

const mostNames = 1000;

/** Whether its contents are listed: for every archive that is kept. */
export const isListed = (collection: CollectionConfig, mimeType: string): boolean => mimeType === 'application/zip' && collection.keepSource;

/** Lists the names in an archive, and makes the cover of a book. Only the needed parts are read from the store, however large the archive is. */
export async function listContents(ctx: ProcessingContext, locator: Locator, input: Omit<MakeInput, 'file'>): Promise<Made | null> {
  const store = ctx.site.stores.of(locator);
  const about = await store.head(locator.key, { signal: ctx.signal });
  if (about === null) throw new Error('the archive is not in its store');
  const read: ReadPart = async (start, length) => {
    if (length <= 0 || start < 0 || start >= about.bytes) return Buffer.alloc(0);
    const stored = await store.get(locator.key, { signal: ctx.signal, range: { start, end: Math.min(about.bytes, start + length) - 1 } });
    return stored === null ? Buffer.alloc(0) : await buffer(stored.body);
  };
  const archive = await listArchive(read, about.bytes);
  if (archive === null) return null;
  const contents = { total: archive.total, names: archive.entries.slice(0, mostNames).map(({ name }) => name) };
  const cover = showsCovers(input.collection) ? await findBookCover(read, archive) : null;
  const drawn = cover === null ? null : await withFile(cover, async (file) => await makeCover(ctx, { ...input, file }));
  return { columns: { ...drawn?.columns, contents: JSON.stringify(contents) }, artifacts: drawn?.artifacts ?? [], focalPoint: null };
}

async function withFile<Result>(bytes: Buffer, use: (file: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(path.join(tmpdir(), 'safelight-'));
  try {
    const file = path.join(directory, 'cover');
    await writeFile(file, bytes, { mode: 0o600 });
    return await use(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
