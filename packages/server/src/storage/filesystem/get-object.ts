import { close, constants, createReadStream, fstatSync, open, read } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { SafelightError } from '../../lib/errors.ts';
import { streamOf } from '../stream-of.ts';
import type { CallOptions, GetOptions, StoredObject, StoredStream } from '../store.ts';
import { describeFile } from './describe-file.ts';
import { isRealDirectory } from './directories.ts';
import { pathOfKey } from './file-names.ts';
import { filesystemError, isMissing, symbolicLink } from './filesystem-error.ts';
import { withinObject } from '../within-object.ts';
import type { FilesystemRoot } from './root.ts';

/** What is read in one go and holds no descriptor while a slow client takes it. */
const smallBytes = 64 * 1024;
const chunkBytes = 128 * 1024;

/** Never through a link; never waiting for somebody to write into a pipe that lies where an object should. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Without `FileHandle`: it doubles the cost of a small read. */
const openFile = promisify(open);
const readFile = promisify(read);

export async function getObject(store: FilesystemRoot, key: string, { range, signal }: GetOptions = {}): Promise<StoredStream | null> {
  signal?.throwIfAborted();
  const path = pathOfKey(store.root, key);
  let descriptor: number | null = null;
  try {
    if (!(await isRealDirectory(store, dirname(path)))) return await nothing(store);
    descriptor = await openFile(path, readFlags);
    // Not a wait: opening has just loaded what this answers. Going to the thread pool for it costs more than all the rest of a small get.
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return await nothing(store);
    const { start, end } = withinObject(range, stats.size);
    const length = end - start + 1;
    if (length > smallBytes) {
      const body = createReadStream(path, { fd: descriptor, start, end, highWaterMark: chunkBytes, ...(signal && { signal }) });
      descriptor = null;
      return { ...describeFile(key, stats), body };
    }
    return { ...describeFile(key, stats), body: streamOf(await readFully(descriptor, start, length), signal) };
  } catch (error) {
    if (isMissing(error)) return await nothing(store);
    throw filesystemError(store, error, { key });
  } finally {
    // Nobody waits for it: closing what was only read cannot fail in a way that matters.
    if (descriptor !== null) close(descriptor, () => undefined);
  }
}

export async function headObject(store: FilesystemRoot, key: string, { signal }: CallOptions = {}): Promise<StoredObject | null> {
  signal?.throwIfAborted();
  const path = pathOfKey(store.root, key);
  try {
    if (!(await isRealDirectory(store, dirname(path)))) return await nothing(store);
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) throw symbolicLink({ key });
    return stats.isFile() ? describeFile(key, stats) : null;
  } catch (error) {
    if (isMissing(error)) return await nothing(store);
    throw filesystemError(store, error, { key });
  }
}

/** A disk that is not mounted must not look like a store without objects. */
async function nothing(store: FilesystemRoot): Promise<null> {
  try {
    await stat(store.temporary);
    return null;
  } catch (error) {
    throw filesystemError(store, error);
  }
}

async function readFully(descriptor: number, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await readFile(descriptor, buffer, filled, length - filled, start + filled);
    // Objects are never written in place, so an early end means that somebody else cut the file.
    if (bytesRead === 0) throw new SafelightError('storage_unavailable', 'The object became shorter while it was read.');
    filled += bytesRead;
  }
  return buffer;
}
