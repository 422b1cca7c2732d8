import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, type Stats } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { measureBody, measuredChunks, type BodyLimits, type BodyMeasure } from '../measure-body.ts';
import type { Body } from '../store.ts';
import { closeFile, openFile, syncFileData, writeFile, writeFileBuffers } from './descriptors.ts';
import { isMissing, systemCode } from './filesystem-error.ts';
import type { FilesystemRoot } from './root.ts';

/**
 * Large enough to keep the disk busy, and small enough that many writers fit in memory. For a longer write Linux takes pages of 2 MB, which a virtual machine may
 * have to get back from its host first, while smaller ones lie about.
 */
export const batchBytes = 1 << 20;
/** Hashed in one go: the next batch can begin, and somebody else have a turn, in between. */
const hashedBytes = 128 * 1024;

export type TemporaryFile = { path: string; stats: Stats; sha256: string; crc32: number; bytes: number };

/** Writes a body to a hidden file and makes its bytes durable. `publish` moves it to its place; if anything fails, nothing stays behind. */
export async function withTemporary<T>(
  store: FilesystemRoot,
  body: Body,
  options: BodyLimits & { signal?: AbortSignal },
  publish: (file: TemporaryFile) => Promise<T>,
): Promise<T> {
  const path = temporaryPath(store);
  try {
    return await publish(await write(path, Buffer.isBuffer(body) ? { pieces: [body] } : { body }, options));
  } catch (error) {
    await removeIfThere(path);
    throw error;
  }
}

/**
 * Writes the pieces of a file to a new one and makes its bytes durable; `name`, which makes its name so, runs meanwhile. If anything fails, nothing stays behind;
 * a file that is there already is left as it is.
 */
export async function writeNew(
  path: string,
  pieces: readonly Buffer[],
  options: BodyLimits & { signal?: AbortSignal },
  name: () => Promise<void>,
): Promise<TemporaryFile> {
  try {
    return await write(path, { pieces }, options, name);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') await removeIfThere(path);
    throw error;
  }
}

export const temporaryPath = (store: FilesystemRoot): string => join(store.temporary, randomUUID());

export async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** What is here as a whole, or comes. */
type Source = { pieces: readonly Buffer[] } | { body: Body };

async function write(
  path: string,
  source: Source,
  options: BodyLimits & { signal?: AbortSignal },
  name: () => Promise<void> = async () => undefined,
): Promise<TemporaryFile> {
  const measure = measureBody(options);
  options.signal?.throwIfAborted();
  const isSynced = 'pieces' in source && isOneBatch(source.pieces) && syncsWrites !== null;
  const descriptor = await openFile(path, isSynced ? syncsWrites : 'wx');
  const named = name();
  // The failure is thrown where it is awaited; until then it must not count as unhandled.
  named.catch(() => undefined);
  try {
    const measured =
      'pieces' in source
        ? await writePieces(descriptor, source.pieces, measure, isSynced)
        : await writeStream(descriptor, measuredChunks(source.body, measure, options.signal), measure);
    options.signal?.throwIfAborted();
    await named;
    // Does not block: the file is open and was written just now.
    return { path, stats: fstatSync(descriptor), ...measured };
  } finally {
    // What each write has synced leaves closing nothing to wait for, on a network either, and the thread pool would cost more than closing itself.
    if (isSynced) closeSync(descriptor);
    else await closeFile(descriptor);
  }
}

type Measured = ReturnType<BodyMeasure['finish']>;

/** Opens a new file whose writes end when their bytes are on disk, which saves a call for bytes of one write; null where the system has no such flag. */
const syncsWrites =
  typeof constants.O_DSYNC === 'number' && constants.O_DSYNC !== 0 ? constants.O_DSYNC | constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY : null;

const isOneBatch = (pieces: readonly Buffer[]): boolean => pieces.reduce((sum, { length }) => sum + length, 0) <= batchBytes;

/** Hashes while the disk writes, which would be idle if the hashing came first. */
async function writePieces(descriptor: number, pieces: readonly Buffer[], measure: BodyMeasure, isSynced: boolean): Promise<Measured> {
  for (const piece of pieces) measure.count(piece);
  const synced = writeDurably(descriptor, pieces, isSynced);
  // The failure is thrown where it is awaited; until then it must not count as unhandled.
  synced.catch(() => undefined);
  try {
    if (isOneBatch(pieces)) for (const piece of pieces) measure.hash(piece);
    else await hashInTurns(pieces, measure);
    return measure.finish();
  } finally {
    // Waits even when the bytes are refused: a descriptor must not be closed during a sync.
    await synced;
  }
}

async function hashInTurns(pieces: readonly Buffer[], measure: BodyMeasure): Promise<void> {
  for (const part of cut(pieces, hashedBytes)) {
    measure.hash(part);
    await turn();
  }
}

async function writeDurably(descriptor: number, pieces: readonly Buffer[], isSynced: boolean): Promise<void> {
  if (isOneBatch(pieces)) await writeAll(descriptor, pieces);
  else for (const batch of cut(pieces, batchBytes)) await writeAll(descriptor, [batch]);
  if (!isSynced) await syncFileData(descriptor);
}

function* cut(pieces: readonly Buffer[], most: number): Generator<Buffer> {
  for (const piece of pieces) for (let start = 0; start < piece.length; start += most) yield piece.subarray(start, start + most);
}

async function writeStream(descriptor: number, chunks: AsyncGenerator<Buffer, void>, measure: BodyMeasure): Promise<Measured> {
  await writeChunks(descriptor, chunks);
  const measured = measure.finish();
  await syncFileData(descriptor);
  return measured;
}

/** Reads and hashes the next batch while the previous one is being written, and no further ahead. */
async function writeChunks(descriptor: number, chunks: AsyncGenerator<Buffer, void>): Promise<void> {
  let batch: Buffer[] = [];
  let batched = 0;
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of chunks) {
      batch.push(chunk);
      batched += chunk.length;
      if (batched < batchBytes) continue;
      await writing;
      writing = writeAll(descriptor, batch);
      // The failure is thrown where it is awaited; until then it must not count as unhandled.
      writing.catch(() => undefined);
      batch = [];
      batched = 0;
    }
    await writing;
    await writeAll(descriptor, batch);
  } finally {
    await writing.catch(() => undefined);
  }
}

async function writeAll(descriptor: number, batch: readonly Buffer[]): Promise<void> {
  const [only] = batch;
  if (only === undefined) return;
  let rest = batch.length === 1 ? only : null;
  if (rest === null) {
    const { bytesWritten } = await writeFileBuffers(descriptor, batch);
    const total = batch.reduce((sum, chunk) => sum + chunk.length, 0);
    if (bytesWritten === total) return;
    rest = Buffer.concat(batch).subarray(bytesWritten);
  }
  while (rest.length > 0) {
    const { bytesWritten } = await writeFile(descriptor, rest);
    rest = rest.subarray(bytesWritten);
  }
}
