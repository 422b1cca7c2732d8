import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';

import type { CollectionConfig } from '../policy/collection.ts';
import type { Locator } from '../storage/locator.ts';
import { temporaryError } from '../storage/temporary-error.ts';
import { findBookCover } from './archive/find-book-cover.ts';
import { listArchive, type ReadPart } from './archive/list-archive.ts';
import type { FactColumns } from './made.ts';
import { showsCovers } from './make-cover.ts';
import type { ProcessingContext } from './processing-context.ts';

const mostNames = 1000;

export const archiveType = 'application/zip';

/** Whether its contents are listed: for every archive that is kept. */
export const isListed = (collection: CollectionConfig, mimeType: string): boolean => mimeType === archiveType && collection.keepSource;

/**
 * Lists the names in an archive, and has the cover of a book drawn. Only the needed parts are read from the store, however large the archive is.
 */
export async function listContents<Drawn>(
  ctx: ProcessingContext,
  locator: Locator,
  collection: CollectionConfig,
  draw: (file: string) => Promise<Drawn>,
): Promise<{ columns: FactColumns; drawn: Drawn | null } | null> {
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
  const cover = showsCovers(collection) ? await findBookCover(read, archive) : null;
  return { columns: { contents: JSON.stringify(contents) }, drawn: cover === null ? null : await withFile(cover, draw) };
}

async function withFile<Result>(bytes: Buffer, use: (file: string) => Promise<Result>): Promise<Result> {
  const failed = (error: unknown): never => {
    throw temporaryError(error);
  };
  const directory = await mkdtemp(path.join(tmpdir(), 'safelight-')).catch(failed);
  try {
    const file = path.join(directory, 'cover');
    await writeFile(file, bytes, { mode: 0o600 }).catch(failed);
    return await use(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
