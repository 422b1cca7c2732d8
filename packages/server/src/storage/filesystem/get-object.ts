import { constants } from 'node:fs';
import { lstat, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { SafelightError } from '../../lib/errors.ts';
import type { CallOptions, GetOptions, StoredObject, StoredStream } from '../store.ts';
import { describeFile } from './describe-file.ts';
import { isRealDirectory } from './directories.ts';
import { pathOfKey } from './file-names.ts';
import { filesystemError, isMissing, symbolicLink } from './filesystem-error.ts';
import type { FilesystemRoot } from './root.ts';

/** What is read in one go and holds no descriptor while a slow client takes it. */
const smallBytes = 64 * 1024;
const chunkBytes = 128 * 1024;

/** Never through a link; never waiting for somebody to write into a pipe that lies where an object should. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export async function getObject(store: FilesystemRoot, key: string, { range, signal }: GetOptions = {}): Promise<StoredStream | null> {
  signal?.throwIfAborted();
  const path = pathOfKey(store.root, key);
  let handle: FileHandle | undefined;
  try {
    if (!(await isRealDirectory(store, dirname(path)))) return await nothing(store);
    handle = await open(path, readFlags);
    const stats = await handle.stat();
    if (!stats.isFile()) return await nothing(store);
    const { start, end } = withinObject(range, stats.size);
    const length = end - start + 1;
    if (length > smallBytes) {
      const body = handle.createReadStream({ start, end, highWaterMark: chunkBytes, ...(signal && { signal }) });
      handle = undefined;
      return { ...describeFile(key, stats), body };
    }
    return { ...describeFile(key, stats), body: Readable.from(await readFully(handle, start, length), { objectMode: false }) };
  } catch (error) {
    if (isMissing(error)) return await nothing(store);
    throw filesystemError(store, error, { key });
  } finally {
    await handle?.close();
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

/** The part of an object that a range names; throws when it begins past the end. */
export function withinObject(range: GetOptions['range'], bytes: number): { start: number; end: number } {
  if (range === undefined) return { start: 0, end: bytes - 1 };
  if (range.start < 0 || range.start >= bytes || range.end < range.start) {
    throw new SafelightError('invalid_request', `The range ${range.start}–${range.end} is not within the ${bytes} bytes of the object.`);
  }
  return { start: range.start, end: Math.min(range.end, bytes - 1) };
}

async function readFully(handle: FileHandle, start: number, length: number): Promise<Buffer[]> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, start + filled);
    // Objects are never written in place, so an early end means that somebody else cut the file.
    if (bytesRead === 0) throw new SafelightError('storage_unavailable', 'The object became shorter while it was read.');
    filled += bytesRead;
  }
  return length === 0 ? [] : [buffer];
}
