import { randomUUID } from 'node:crypto';
import { constants, ftruncate } from 'node:fs';
import { copyFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SafelightError } from '../../lib/errors.ts';
import { giveBack } from '../../lib/give-back.ts';
import type { Append, Appender, StoredObject } from '../store.ts';
import { closeFile, openFile, syncFileData, writeFile, writeFileBuffers } from './descriptors.ts';
import { describeFile } from './describe-file.ts';
import { publishInto, syncDirectory } from './directories.ts';
import { pathOfKey } from './file-names.ts';
import { isMissing, runOnKeys } from './filesystem-error.ts';
import { headNamed } from './get-object.ts';
import { digestOfKey, hiddenPathOf } from './multipart-upload.ts';
import type { FilesystemRoot } from './root.ts';
import { batchBytes } from './write-temporary.ts';

const truncateFile = promisify(ftruncate);
const mostInFlight = 2;

/** Random, like its counterpart of parts; ids come from random bytes that Node draws for many at once. */
const newUploadId = (key: string): string => `${randomUUID().replaceAll('-', '')}-${digestOfKey(key)}`;

/** A hidden file beside the multipart uploads, which grows at its end and is renamed when it is complete. */
export function appendObjects(store: FilesystemRoot): Append {
  const run = runOnKeys(store);
  return {
    begin(key) {
      pathOfKey(store.root, key);
      return newUploadId(key);
    },
    open: (key, uploadId, offset) => run(key, async () => await openAppender(store, pathOf(store, key, uploadId), offset, (work) => run(key, work))),
    fork: (key, uploadId, bytes) =>
      run(key, async () => {
        const forked = newUploadId(key);
        const [from, to] = [pathOf(store, key, uploadId), join(store.multipart, forked)];
        if (bytes > 0) await copyStart(from, to, bytes);
        await syncDirectory(store.multipart);
        return forked;
      }),
    finish: (key, uploadId, bytes) => run(key, async () => await finish(store, key, pathOf(store, key, uploadId), bytes)),
  };
}

const pathOf = (store: FilesystemRoot, key: string, uploadId: string): string => {
  const path = hiddenPathOf(store, key, uploadId);
  if (path === null) throw given();
  return path;
};

const given = (cause?: unknown): SafelightError =>
  new SafelightError('gone', 'The bytes that had come of this upload are not there any more. Open a new one.', { cause });

async function openAppender(store: FilesystemRoot, path: string, offset: number, run: <T>(work: () => Promise<T>) => Promise<T>): Promise<Appender> {
  const descriptor = await openStart(path, offset);
  try {
    // The name is durable before any byte is confirmed; bytes behind the offset were never confirmed.
    if (offset === 0) await syncDirectory(store.multipart);
    const { size } = await stat(path);
    if (size < offset) throw given();
    if (size > offset) await truncateFile(descriptor, offset);
  } catch (error) {
    await closeFile(descriptor);
    throw error;
  }
  let batch: Buffer[] = [];
  let batched = 0;
  let end = offset;
  const inFlight = new Set<Promise<void>>();
  let failure: Error | undefined;
  const send = (): void => {
    if (batched === 0) return;
    const written = batch;
    const writing = writeAt(descriptor, batch, batched, end).then(
      () => {
        inFlight.delete(writing);
        giveBack(written);
      },
      (error: unknown) => {
        inFlight.delete(writing);
        failure ??= error instanceof Error ? error : new Error(String(error));
      },
    );
    inFlight.add(writing);
    end += batched;
    [batch, batched] = [[], 0];
  };
  const throwFailure = (): void => {
    if (failure !== undefined) throw failure;
  };
  return {
    write: async (bytes) =>
      await run(async () => {
        batch.push(bytes);
        batched += bytes.length;
        if (batched < batchBytes) return;
        while (inFlight.size >= mostInFlight) await Promise.race(inFlight);
        throwFailure();
        send();
      }),
    sync: async () =>
      await run(async () => {
        send();
        await Promise.all(inFlight);
        throwFailure();
        await syncFileData(descriptor);
      }),
    async close() {
      await Promise.all(inFlight);
      await closeFile(descriptor);
    },
  };
}

async function openStart(path: string, offset: number): Promise<number> {
  try {
    return await openFile(path, offset === 0 ? constants.O_RDWR | constants.O_CREAT : constants.O_RDWR);
  } catch (error) {
    throw isMissing(error) && offset > 0 ? given(error) : error;
  }
}

async function writeAt(descriptor: number, batch: readonly Buffer[], bytes: number, position: number): Promise<void> {
  const { bytesWritten } = await writeFileBuffers(descriptor, batch, position);
  if (bytesWritten === bytes) return;
  let rest = Buffer.concat(batch).subarray(bytesWritten);
  for (let at = position + bytesWritten; rest.length > 0;) {
    const written = await writeFile(descriptor, rest, 0, rest.length, at);
    rest = rest.subarray(written.bytesWritten);
    at += written.bytesWritten;
  }
}

/** Copies into a new file: a process that still has the old one open writes to nothing. */
async function copyStart(from: string, to: string, bytes: number): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  } catch (error) {
    throw isMissing(error) ? given(error) : error;
  }
  const descriptor = await openFile(to, 'r+');
  try {
    await truncateFile(descriptor, bytes);
    await syncFileData(descriptor);
  } finally {
    await closeFile(descriptor);
  }
}

async function finish(store: FilesystemRoot, key: string, path: string, bytes: number): Promise<StoredObject> {
  const target = pathOfKey(store.root, key);
  try {
    const stats = await stat(path);
    if (stats.size < bytes) throw new SafelightError('upload_incomplete', `${stats.size} of ${bytes} bytes are there.`);
    if (stats.size > bytes) await cutTo(path, bytes);
    await publishInto(store, dirname(target), () => rename(path, target));
    return describeFile(key, await stat(target));
  } catch (error) {
    if (!isMissing(error)) throw error;
    // Finished before; only the answer was lost.
    const object = await headNamed(store, key);
    if (object?.bytes !== bytes) throw given(error);
    return object;
  }
}

async function cutTo(path: string, bytes: number): Promise<void> {
  const descriptor = await openFile(path, 'r+');
  try {
    await truncateFile(descriptor, bytes);
    await syncFileData(descriptor);
  } finally {
    await closeFile(descriptor);
  }
}
