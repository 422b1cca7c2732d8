import type { Stats } from 'node:fs';
import type { StoredObject } from '../store.ts';

/** Describes an object by its file. Digest and content type are not on the disk: the ledger has them. */
export function describeFile(key: string, stats: Stats, sha256: string | null = null): StoredObject {
  return { key, bytes: stats.size, contentType: null, etag: etagOf(stats), sha256, modifiedAt: stats.mtime };
}

export const etagOf = (stats: Pick<Stats, 'size' | 'mtimeMs'>): string => `"${stats.size.toString(16)}-${Math.trunc(stats.mtimeMs * 1000).toString(16)}"`;
