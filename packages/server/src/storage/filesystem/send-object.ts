import type { Writable } from 'node:stream';
import { SafelightError } from '../../lib/errors.ts';
import type { GetOptions, StoredObject } from '../store.ts';
import { filesystemError } from './filesystem-error.ts';
import { closeObject, openObject, readFully, smallBytes } from './get-object.ts';
import type { FilesystemRoot } from './root.ts';

/** Bytes per read: each costs a round trip to the thread pool, and a slow client holds one. */
const pieceBytes = 256 * 1024;

/**
 * Buffers for reuse. A new one for each piece is memory outside the heap, for which the garbage collector would scan the whole heap again and again:
 * with objects of a megabyte that was half of the work of a download.
 */
const idle: Buffer[] = [];
const mostIdle = 16;

/** Implements `send` of the store port. */
export async function sendObject(store: FilesystemRoot, key: string, begin: () => Writable, { range, signal }: GetOptions = {}): Promise<StoredObject | null> {
  signal?.throwIfAborted();
  try {
    const opened = await openObject(store, key, range);
    if (opened === null) return null;
    const { stored, start, length } = opened;
    const reopen = async (from: number): Promise<Opened> => {
      const again = await openObject(store, key, { start: from, end: start + length - 1 });
      if (again === null) throw new SafelightError('storage_unavailable', 'The object was removed while it was read.');
      return again;
    };
    await (length > smallBytes ? sendPieces(opened, reopen, begin, signal) : sendWhole(opened, begin, signal));
    return stored;
  } catch (error) {
    throw filesystemError(store, error, { key });
  }
}

type Opened = { descriptor: number; start: number; length: number };

async function sendWhole({ descriptor, start, length }: Opened, begin: () => Writable, signal: AbortSignal | undefined): Promise<void> {
  const bytes = Buffer.allocUnsafe(length);
  try {
    await readFully(descriptor, bytes, start);
  } finally {
    closeObject(descriptor);
  }
  signal?.throwIfAborted();
  await handedOn(begin(), bytes, true);
}

/** If a reader takes longer than this for a piece, its file is closed meanwhile: many slow readers would otherwise use up all descriptors. */
const mostHoldMs = 1_000;

async function sendPieces(opened: Opened, reopen: (from: number) => Promise<Opened>, begin: () => Writable, signal: AbortSignal | undefined): Promise<void> {
  const { start, length } = opened;
  const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
  let held: Opened | null = opened;
  const letGo = (): void => {
    if (held !== null) closeObject(held.descriptor);
    held = null;
  };
  let destination: Writable | null = null;
  try {
    for (let sent = 0; sent < length;) {
      held ??= await reopen(start + sent);
      const piece = buffer.subarray(0, Math.min(pieceBytes, length - sent));
      await readFully(held.descriptor, piece, start + sent);
      signal?.throwIfAborted();
      destination ??= begin();
      sent += piece.length;
      const slow = setTimeout(letGo, mostHoldMs);
      await handedOn(destination, piece, sent === length).finally(() => clearTimeout(slow));
    }
  } catch (error) {
    // The buffer is not reused: the failed operation may still be reading from it.
    destination?.destroy();
    throw error;
  } finally {
    letGo();
  }
  if (idle.length < mostIdle) idle.push(buffer);
}

/** Resolves when the bytes are no longer needed; rejects when the destination closes before that. */
async function handedOn(destination: Writable, bytes: Buffer, isLast: boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const gone = (): void => reject(Object.assign(new Error('The reader has gone.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }));
  if (destination.destroyed) gone();
  destination.once('close', gone);
  // Whatever the error code (EPIPE, ECONNRESET, ECANCELED), the reader has gone; the disk is not at fault.
  const done = (error?: Error | null): void => {
    // A response closes as soon as it is complete, before the callback of its last write: without this, an error nobody needs would be created each
    // time.
    destination.off('close', gone);
    if (error) gone();
    else resolve();
  };
  if (isLast) destination.end(bytes, done);
  else destination.write(bytes, done);
  await promise;
}
