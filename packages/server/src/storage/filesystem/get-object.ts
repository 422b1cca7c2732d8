import { closeSync, constants, createReadStream, fstatSync } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { owned } from '../../lib/owned.ts';
import { SafelightError } from '../../lib/errors.ts';
import { streamOf } from '../stream-of.ts';
import type { CallOptions, GetOptions, StoredObject, StoredStream } from '../store.ts';
import { describeFile } from './describe-file.ts';
import { openFile, readFile } from './descriptors.ts';
import { isRealDirectory } from './directories.ts';
import { pathOfKey } from './file-names.ts';
import { filesystemError, isMissing, symbolicLink } from './filesystem-error.ts';
import { withinObject } from '../within-object.ts';
import { publishLeft } from './publish-unnamed.ts';
import type { FilesystemRoot } from './root.ts';

/** Objects up to this size are read at once, so that a slow client holds no descriptor. */
export const smallBytes = 64 * 1024;
const chunkBytes = 128 * 1024;

/** Follows no link, and does not block on a pipe that lies where an object should. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** An object that is open for reading; the caller closes the descriptor. */
export type OpenObject = { descriptor: number; stored: StoredObject; start: number; length: number };

/** Null when there is no such object; refuses a range that begins past its end. */
export async function openObject(store: FilesystemRoot, key: string, range: GetOptions['range']): Promise<OpenObject | null> {
  return await orUnnamed(store, key, async () => await openNamed(store, key, range));
}

/** Looks for an object under its name, and again once it was given the name if that is not there. */
async function orUnnamed<T>(store: FilesystemRoot, key: string, look: () => Promise<T | null>): Promise<T | null> {
  const found = await look();
  if (found !== null) return found;
  await publishLeft(store, key);
  // Also when nothing was left: somebody else may have given it its name meanwhile.
  return (await look()) ?? (await nothing(store));
}

async function openNamed(store: FilesystemRoot, key: string, range: GetOptions['range']): Promise<OpenObject | null> {
  const path = pathOfKey(store.root, key);
  if (!(await isRealDirectory(store, dirname(path)))) return null;
  let descriptor: number | null = null;
  try {
    descriptor = await openFile(path, readFlags);
    // Does not block: opening has just loaded the result. The thread pool would cost more than the rest of a small get.
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return null;
    const { start, end } = withinObject(range, stats.size);
    const opened = { descriptor, stored: describeFile(key, stats), start, length: end - start + 1 };
    descriptor = null;
    return opened;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  } finally {
    if (descriptor !== null) closeObject(descriptor);
  }
}

/** Does not block: nothing was written through it. The thread pool would cost more than the closing. */
export function closeObject(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // A failure to close a file that was only read does not matter.
  }
}

export async function getObject(store: FilesystemRoot, key: string, { range, signal }: GetOptions = {}): Promise<StoredStream | null> {
  signal?.throwIfAborted();
  let descriptor: number | null = null;
  try {
    const opened = await openObject(store, key, range);
    if (opened === null) return null;
    const { stored, start, length } = opened;
    ({ descriptor } = opened);
    if (length > smallBytes) {
      const body = owned(createReadStream('', { fd: descriptor, start, end: start + length - 1, highWaterMark: chunkBytes, ...(signal && { signal }) }));
      descriptor = null;
      return { ...stored, body };
    }
    const bytes = Buffer.allocUnsafe(length);
    await readFully(descriptor, bytes, start);
    return { ...stored, body: streamOf(bytes, signal) };
  } catch (error) {
    throw filesystemError(store, error, { key });
  } finally {
    if (descriptor !== null) closeObject(descriptor);
  }
}

export async function headObject(store: FilesystemRoot, key: string, { signal }: CallOptions = {}): Promise<StoredObject | null> {
  signal?.throwIfAborted();
  try {
    return await orUnnamed(store, key, async () => await headNamed(store, key));
  } catch (error) {
    throw filesystemError(store, error, { key });
  }
}

/** The path of an object, whether it is there or not. */
export async function localPathOf(store: FilesystemRoot, key: string): Promise<string> {
  const path = pathOfKey(store.root, key);
  await headObject(store, key);
  return path;
}

/** The same, without what has no name yet. */
export async function headNamed(store: FilesystemRoot, key: string): Promise<StoredObject | null> {
  const path = pathOfKey(store.root, key);
  try {
    if (!(await isRealDirectory(store, dirname(path)))) return null;
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) throw symbolicLink({ key });
    return stats.isFile() ? describeFile(key, stats) : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** An unmounted disk must not look like a store without objects. */
async function nothing(store: FilesystemRoot): Promise<null> {
  try {
    await stat(store.temporary);
    return null;
  } catch (error) {
    throw filesystemError(store, error);
  }
}

export async function readFully(descriptor: number, buffer: Buffer, position: number): Promise<void> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await readFile(descriptor, buffer, filled, buffer.length - filled, position + filled);
    // Objects are never written in place, so an early end means that somebody else truncated the file.
    if (bytesRead === 0) throw new SafelightError('storage_unavailable', 'The object became shorter while it was read.');
    filled += bytesRead;
  }
}
