import { SafelightError } from '../../lib/errors.ts';
import { storageAway } from '../storage-away.ts';
import type { FilesystemRoot } from './root.ts';

/** Translates an error of the operating system into a refusal that says what to do. Refusals and aborts pass unchanged. */
export function filesystemError(store: FilesystemRoot, error: unknown, context: Record<string, unknown> = {}): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  const refuse = (sentence: string): SafelightError =>
    storageAway(sentence, { cause: error, context: { store: `filesystem:${store.location}`, root: store.root, ...context } });
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return refuse(`The disk of store "${store.location}" is full. Free some space or raise its quota, then try again.`);
    case 'EFBIG':
      return refuse(`The file is larger than the disk of store "${store.location}" allows a file to be. Raise the limit (ulimit -f) or use another disk.`);
    case 'EMFILE':
    case 'ENFILE':
      return refuse('Too many files are open at once. Try again in a moment; if it goes on, raise the limit (ulimit -n).');
    case 'EACCES':
    case 'EPERM':
      return refuse(`Safelight may not write to the directory of store "${store.location}". Give its user read and write permission.`);
    case 'EROFS':
      return refuse(`The disk of store "${store.location}" is mounted read-only. Mount it writable.`);
    case 'ENOENT':
      return refuse(`The directory of store "${store.location}" is not there. Mount or restore it, then try again.`);
    case 'ELOOP':
      return symbolicLink(context);
    case 'ENOTDIR':
    case 'EISDIR':
    case 'ENOTEMPTY':
      return new SafelightError(
        'conflict',
        'A file system cannot keep an object under a name that other objects use as their folder, or the other way round.',
        {
          cause: error,
          context,
        },
      );
    case 'ENAMETOOLONG':
      return new SafelightError('invalid_request', 'The object key makes a path that is longer than this file system allows. Use a shorter key.', {
        cause: error,
        context,
      });
    default:
      return refuse(`The disk of store "${store.location}" failed (${code}). Look at the system log of this machine.`);
  }
}

export const symbolicLink = (context: Record<string, unknown>): SafelightError =>
  new SafelightError('invalid_request', 'The object key leads through a symbolic link, which a store never follows. Replace the link by what it points to.', {
    context,
  });

/** The code of a system error; null for everything else. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

export const isMissing = (error: unknown): boolean => systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';

/** Runs work on one key, with its errors translated. */
export function runOnKeys(store: FilesystemRoot) {
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw filesystemError(store, error, { key });
    }
  };
}
