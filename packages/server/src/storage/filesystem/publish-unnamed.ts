import { rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { publishInto, removeEmptyDirectories } from './directories.ts';
import { flatNameOf, pathOfKey } from './file-names.ts';
import { isMissing } from './filesystem-error.ts';
import { isThere } from './is-there.ts';
import type { FilesystemRoot } from './root.ts';

/** Where the bytes of a key lie before it names them; null for a key that is too long for one file name. */
export function unnamedPathOf(store: FilesystemRoot, key: string): string | null {
  const name = flatNameOf(key);
  return name === null ? null : join(store.unnamed, name);
}

/** Gives bytes the name of their key. Does nothing when they are not there: they have it already, or were deleted. */
export async function publishUnnamed(store: FilesystemRoot, key: string): Promise<void> {
  const from = unnamedPathOf(store, key);
  if (from === null) return;
  const to = pathOfKey(store.root, key);
  let isGone = false;
  const publish = async (): Promise<void> => {
    try {
      await rename(from, to);
    } catch (error) {
      // Otherwise the directory was pruned, and is made again.
      if (!isMissing(error) || (await isThere(from))) throw error;
      isGone = true;
    }
  };
  await publishInto(store, dirname(to), publish, true);
  if (isGone) await removeEmptyDirectories(store, dirname(to));
}

/** The same for a reader that finds no object: makes no directory for a key that has no bytes. */
export async function publishLeft(store: FilesystemRoot, key: string): Promise<void> {
  const from = unnamedPathOf(store, key);
  if (from !== null && (await isThere(from))) await publishUnnamed(store, key);
}

/** True when there were bytes without a name. */
export async function removeUnnamed(store: FilesystemRoot, key: string): Promise<boolean> {
  const path = unnamedPathOf(store, key);
  if (path === null) return false;
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
