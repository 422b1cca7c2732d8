import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this account may not write there',
  EPERM: 'this account may not write there',
  EROFS: 'that lies on a file system that takes no writes',
  ENOSPC: 'its disk is full',
  EDQUOT: 'its quota is used up',
  ENOTDIR: 'a file stands where a folder is needed',
  EEXIST: 'a file stands where a folder is needed',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its symbolic links lead in a circle',
};

/** Creates the folder, with its parents, if it is missing, for this account alone if its contents are secret; returns why it cannot be used, as the end of a sentence, or null. */
export function useFolder(folder: string, { secret = false } = {}): string | null {
  try {
    makeFolder(folder, secret ? 0o700 : 0o777);
    accessSync(path.join(folder, path.sep), constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return reasons[code] ?? `it cannot be made there (${code})`;
  }
}

/** Level by level: Node's own recursive mkdir never returns below /proc. */
function makeFolder(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = path.dirname(folder);
    // It may be the folder itself; if it is a file, using it fails with that reason.
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || parent === folder || isThere(parent)) throw error;
    makeFolder(parent, mode);
    mkdirSync(folder, { mode });
  }
}

function isThere(folder: string): boolean {
  try {
    accessSync(folder);
    return true;
  } catch {
    return false;
  }
}
