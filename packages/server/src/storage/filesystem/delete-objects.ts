import { lstat, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runLimited } from '../run-limited.ts';
import type { CallOptions, DeleteResult } from '../store.ts';
import { isRealDirectory, removeEmptyDirectories, syncDirectory } from './directories.ts';
import { pathOfKey } from './file-names.ts';
import { filesystemError, isMissing } from './filesystem-error.ts';
import { removeUnnamed } from './publish-unnamed.ts';
import type { FilesystemRoot } from './root.ts';

const atOnce = 8;

/**
 * Removes the files, those without a name first, so that no rename brings one back; then the directories that became empty, then makes both durable: a
 * deleted object does not come back after a power cut.
 */
export async function deleteObjects(store: FilesystemRoot, keys: readonly string[], { signal }: CallOptions = {}): Promise<DeleteResult> {
  const result: DeleteResult = { deleted: [], failed: [] };
  const emptied = new Set<string>();
  let isUnnamedGone = false;
  try {
    // On an unmounted disk nothing exists, but nothing was deleted either.
    await stat(store.temporary);
  } catch (error) {
    throw filesystemError(store, error);
  }
  await runLimited(keys, atOnce, async (key) => {
    signal?.throwIfAborted();
    try {
      const path = pathOfKey(store.root, key);
      if (await removeUnnamed(store, key)) isUnnamedGone = true;
      if (await removeFile(store, path)) emptied.add(dirname(path));
      result.deleted.push(key);
    } catch (error) {
      const refusal = filesystemError(store, error, { key });
      result.failed.push({ key, reason: refusal instanceof Error ? refusal.message : String(refusal) });
    }
  });
  try {
    const stay = new Set<string>(isUnnamedGone ? [store.unnamed] : []);
    for (const directory of emptied) stay.add(await removeEmptyDirectories(store, directory));
    await runLimited([...stay], atOnce, syncDirectory);
  } catch (error) {
    throw filesystemError(store, error);
  }
  return result;
}

/** True when a file was removed. A directory of this name holds other objects and is not this one. */
async function removeFile(store: FilesystemRoot, path: string): Promise<boolean> {
  try {
    if (!(await isRealDirectory(store, dirname(path)))) return false;
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    // Linux reports EISDIR, POSIX EPERM.
    if ((await lstat(path)).isDirectory()) return false;
    throw error;
  }
}
