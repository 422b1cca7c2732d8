import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './filesystem-error.ts';
import type { FilesystemRoot } from './root.ts';
import { removeIfThere } from './write-temporary.ts';

/** A writer touches its file with every batch, so a file untouched for this long has no writer. */
export const temporaryLeaseMs = 24 * 60 * 60 * 1000;

/** Removes half-written files that a crash left; returns how many. Safe while other processes write. */
export async function sweepTemporary(store: FilesystemRoot, now: number = Date.now()): Promise<number> {
  let swept = 0;
  for (const name of await readdir(store.temporary)) {
    const path = join(store.temporary, name);
    try {
      // ctime, because a new link to an old object has the object's mtime.
      if (now - (await stat(path)).ctimeMs < temporaryLeaseMs) continue;
    } catch (error) {
      if (isMissing(error)) continue;
      throw error;
    }
    await removeIfThere(path);
    swept += 1;
  }
  return swept;
}
