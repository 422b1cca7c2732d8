import { constants } from 'node:fs';
import { copyFile, link, lstat, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SafelightError } from '../../lib/errors.ts';
import type { CallOptions, StoredObject } from '../store.ts';
import { describeFile } from './describe-file.ts';
import { publishInto } from './directories.ts';
import { pathOfKey } from './file-names.ts';
import { filesystemError, systemCode } from './filesystem-error.ts';
import { headObject } from './get-object.ts';
import { moveNew } from './put-object.ts';
import type { FilesystemRoot } from './root.ts';
import { removeIfThere, temporaryPath } from './write-temporary.ts';

/** Objects are never changed in place, so a second link to the same bytes is a free copy. */
export async function copyObject(
  store: FilesystemRoot,
  from: string,
  to: string,
  { signal, ifAbsent }: CallOptions & { ifAbsent?: boolean } = {},
): Promise<StoredObject> {
  const target = pathOfKey(store.root, to);
  if ((await headObject(store, from, { ...(signal && { signal }) })) === null) {
    throw new SafelightError('not_found', 'The object to copy is not there.', { context: { from } });
  }
  const temporary = temporaryPath(store);
  try {
    await secondName(pathOfKey(store.root, from), temporary);
    const stats = await lstat(temporary);
    await publishInto(store, dirname(target), () => (ifAbsent ? moveNew(temporary, target, to) : rename(temporary, target)));
    return describeFile(to, stats);
  } catch (error) {
    throw filesystemError(store, error, { from, to });
  } finally {
    // Also after a rename: renaming one link of a file onto another link of the same file leaves both.
    await removeIfThere(temporary);
  }
}

async function secondName(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    // The file system has no hard links, or this file has reached the maximum.
    if (!['EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')) throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    const handle = await open(to, 'r+');
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }
}
