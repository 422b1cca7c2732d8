import type { Writable } from 'node:stream';
import type { GetOptions, StoredObject } from '../store.ts';
import { filesystemError } from './filesystem-error.ts';
import { closeObject, openObject, readFully, smallBytes } from './get-object.ts';
import type { FilesystemRoot } from './root.ts';

/** What travels at a time: each piece costs a way to the thread pool and back, and a slow client holds one. */
const pieceBytes = 256 * 1024;

/**
 * Buffers between two uses. A fresh one for each piece is memory outside the heap, for which the collector has to go through the whole
 * heap again and again: with objects of a megabyte that was half of the work of a download.
 */
const idle: Buffer[] = [];
const mostIdle = 16;

/** `send` of the store port. */
export async function sendObject(store: FilesystemRoot, key: string, begin: () => Writable, { range, signal }: GetOptions = {}): Promise<StoredObject | null> {
  signal?.throwIfAborted();
  try {
    const opened = await openObject(store, key, range);
    if (opened === null) return null;
    await (opened.length > smallBytes ? sendPieces(opened, begin, signal) : sendWhole(opened, begin, signal));
    return opened.stored;
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

async function sendPieces({ descriptor, start, length }: Opened, begin: () => Writable, signal: AbortSignal | undefined): Promise<void> {
  const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
  let destination: Writable | null = null;
  try {
    for (let sent = 0; sent < length;) {
      const piece = buffer.subarray(0, Math.min(pieceBytes, length - sent));
      await readFully(descriptor, piece, start + sent);
      signal?.throwIfAborted();
      destination ??= begin();
      sent += piece.length;
      await handedOn(destination, piece, sent === length);
    }
  } catch (error) {
    // The buffer is not used again: what failed may still be reading from it.
    destination?.destroy();
    throw error;
  } finally {
    closeObject(descriptor);
  }
  if (idle.length < mostIdle) idle.push(buffer);
}

/** Resolves when the bytes are not needed any more; rejects when the destination closes before. */
async function handedOn(destination: Writable, bytes: Buffer, isLast: boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const gone = (): void => reject(Object.assign(new Error('The reader has gone.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }));
  if (destination.destroyed) gone();
  destination.once('close', gone);
  const done = (error?: Error | null): void => (error ? reject(error) : resolve());
  if (isLast) destination.end(bytes, done);
  else destination.write(bytes, done);
  await promise.finally(() => destination.off('close', gone));
}
