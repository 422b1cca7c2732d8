import { link, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keyTaken } from '../key-taken.ts';
import type { Body, PutOptions, StoredObject } from '../store.ts';
import { describeFile } from './describe-file.ts';
import { publishInto } from './directories.ts';
import { pathOfKey } from './file-names.ts';
import { filesystemError, systemCode } from './filesystem-error.ts';
import type { FilesystemRoot } from './root.ts';
import { removeIfThere, withTemporary } from './write-temporary.ts';

/**
 * Writes the bytes to a hidden file and makes them durable; then one rename, or one link that fails if the name exists; then makes the name durable.
 */
export async function putObject(store: FilesystemRoot, key: string, body: Body, options: PutOptions): Promise<StoredObject> {
  const path = pathOfKey(store.root, key);
  try {
    return await withTemporary(store, body, options, async (file) => {
      await publishInto(store, dirname(path), () => (options.ifAbsent ? moveNew(file.path, path, key) : rename(file.path, path)));
      return { ...describeFile(key, file.stats, file.sha256), crc32: file.crc32 };
    });
  } catch (error) {
    throw filesystemError(store, error, { key });
  }
}

/** Unlike a rename, a link never replaces. */
export async function moveNew(from: string, to: string, key: string): Promise<void> {
  try {
    await link(from, to);
    await removeIfThere(from);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    throw keyTaken(key, error);
  }
}
