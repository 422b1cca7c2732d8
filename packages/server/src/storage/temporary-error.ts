import { tmpdir } from 'node:os';

import { storageAway } from './storage-away.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'is full. Free some space',
  EDQUOT: 'is full. Raise its quota, or free some space',
  EACCES: 'may not be written to by the account of Safelight. Change that, or set TMPDIR',
  EROFS: 'is read-only. Mount it writable, or set TMPDIR',
  ENOENT: 'is not there. Make it, or set TMPDIR',
  ENOTDIR: 'is no directory. Set TMPDIR to one',
  EMFILE: 'cannot be used, because too many files are open. Raise the limit (ulimit -n)',
  ENFILE: 'cannot be used, because too many files are open. Raise the limit (fs.file-max)',
  EIO: 'failed. Look at the system log of this machine',
};

/** Translates an error of writing to the temporary directory, which is no fault of what was sent, and passes. All others pass unchanged. */
export function temporaryError(error: unknown): unknown {
  const reason = error instanceof Error && 'code' in error ? reasons[String(error.code)] : undefined;
  return reason === undefined ? error : storageAway(`The temporary directory ${tmpdir()} ${reason}.`, { cause: error });
}
