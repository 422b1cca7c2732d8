import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { owned } from '../../lib/owned.ts';
import type { Multipart, StoredObject, UploadedPart } from '../store.ts';
import { assertPartList, assertPartNumber, incompletePart, unknownUpload, type NamedPart } from '../upload-parts.ts';
import { maxParts } from '../store-limits.ts';
import { describeFile } from './describe-file.ts';
import { publishInto, syncDirectory } from './directories.ts';
import { pathOfKey } from './file-names.ts';
import { isMissing, runOnKeys } from './filesystem-error.ts';
import { headObject } from './get-object.ts';
import { isThere } from './is-there.ts';
import type { FilesystemRoot } from './root.ts';
import { withTemporary } from './write-temporary.ts';

/**
 * An upload is a hidden directory, a part a file in it. The upload id carries a digest of the key, so an id works for its own key only. A part's file
 * name carries its size and digest, which are its ETag: a part sent again lies beside the old one and never changes what a list of ETags means.
 */
export function multipartUploads(store: FilesystemRoot): Multipart {
  const run = runOnKeys(store);
  return {
    create: (key, { signal }) =>
      run(key, async () => {
        signal?.throwIfAborted();
        pathOfKey(store.root, key);
        const uploadId = `${randomBytes(16).toString('hex')}-${digestOfKey(key)}`;
        await mkdir(join(store.multipart, uploadId));
        await syncDirectory(store.multipart);
        return uploadId;
      }),
    putPart: (key, uploadId, partNumber, body, options) =>
      run(key, async () => {
        assertPartNumber(partNumber, maxParts);
        const directory = hiddenPathOf(store, key, uploadId);
        if (directory === null || !(await isThere(directory))) throw unknownUpload({ key, uploadId });
        return withTemporary(store, body, options, async ({ path, bytes, sha256 }) => {
          const etag = `${bytes}-${sha256}`;
          try {
            await rename(path, join(directory, `${partNumber}-${etag}`));
          } catch (error) {
            throw isMissing(error) ? unknownUpload({ key, uploadId }) : error;
          }
          await syncDirectory(directory);
          return { partNumber, etag, bytes };
        });
      }),
    listParts: (key, uploadId, { signal } = {}) =>
      run(key, async () => {
        signal?.throwIfAborted();
        const directory = hiddenPathOf(store, key, uploadId);
        const parts = directory === null ? null : await partsIn(directory);
        return parts === null ? null : newestOfEach(parts);
      }),
    complete: (key, uploadId, parts, { signal } = {}) => run(key, () => complete(store, key, uploadId, parts, signal)),
    abort: (key, uploadId, { signal } = {}) =>
      run(key, async () => {
        signal?.throwIfAborted();
        const directory = hiddenPathOf(store, key, uploadId);
        if (directory !== null) await rm(directory, { recursive: true, force: true });
      }),
    abortAll: (key, { signal } = {}) =>
      run(key, async () => {
        signal?.throwIfAborted();
        const ofKey = (await readdir(store.multipart)).filter((uploadId) => uploadId.endsWith(`-${digestOfKey(key)}`));
        for (const uploadId of ofKey) await rm(join(store.multipart, uploadId), { recursive: true, force: true });
      }),
  };
}

type PartFile = UploadedPart & { path: string };

async function complete(
  store: FilesystemRoot,
  key: string,
  uploadId: string,
  parts: readonly NamedPart[],
  signal: AbortSignal | undefined,
): Promise<StoredObject> {
  const directory = hiddenPathOf(store, key, uploadId);
  if (directory === null) throw unknownUpload({ key, uploadId });
  assertPartList(parts, maxParts);
  const target = pathOfKey(store.root, key);
  try {
    const files = chosenParts(await partsIn(directory), parts);
    if (files === null) return await completedBefore(store, key, uploadId, parts);
    const joined = await withTemporary(
      store,
      () => joinedParts(files),
      { ...(signal && { signal }) },
      async (file) => {
        await publishInto(store, dirname(target), () => rename(file.path, target));
        return describeFile(key, file.stats, file.sha256);
      },
    );
    await rm(directory, { recursive: true, force: true });
    return joined;
  } catch (error) {
    // The parts vanished while we read: another call completed or aborted this upload.
    if (isMissing(error)) return completedBefore(store, key, uploadId, parts);
    throw error;
  }
}

/** A repeated complete returns what the first one made. ETags carry sizes, so another object under this key is not mistaken for it. */
async function completedBefore(store: FilesystemRoot, key: string, uploadId: string, parts: readonly NamedPart[]): Promise<StoredObject> {
  const bytes = parts.reduce((sum, { etag }) => sum + Number.parseInt(etag, 10), 0);
  const object = await headObject(store, key);
  if (object === null || object.bytes !== bytes) throw unknownUpload({ key, uploadId });
  return object;
}

function chosenParts(present: readonly PartFile[] | null, parts: readonly NamedPart[]): PartFile[] | null {
  if (present === null) return null;
  const byName = new Map(present.map((part) => [`${part.partNumber}-${part.etag}`, part]));
  return parts.map(({ partNumber, etag }) => {
    const part = byName.get(`${partNumber}-${etag}`);
    if (part === undefined) throw incompletePart(partNumber);
    return part;
  });
}

const joinedParts = (files: readonly PartFile[]): Readable =>
  owned(
    Readable.from(
      (async function* () {
        for (const { path } of files) yield* owned(createReadStream(path, { highWaterMark: 1 << 20 }));
      })(),
      { objectMode: false, highWaterMark: 1 << 20 },
    ),
  );

async function partsIn(directory: string): Promise<PartFile[] | null> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  return names.map((name) => {
    const [partNumber = '', bytes = '', sha256 = ''] = name.split('-');
    return { partNumber: Number(partNumber), etag: `${bytes}-${sha256}`, bytes: Number(bytes), path: join(directory, name) };
  });
}

async function newestOfEach(parts: readonly PartFile[]): Promise<UploadedPart[]> {
  const newest = new Map<number, PartFile>();
  for (const part of parts) {
    const other = newest.get(part.partNumber);
    if (other === undefined || (await modifiedMs(part)) >= (await modifiedMs(other))) newest.set(part.partNumber, part);
  }
  return [...newest.values()].sort((a, b) => a.partNumber - b.partNumber).map(({ partNumber, etag, bytes }) => ({ partNumber, etag, bytes }));
}

const modifiedMs = async ({ path }: PartFile): Promise<number> => (await stat(path)).mtimeMs;

/** The place of an unfinished upload; null for an id that does not belong to this key. */
export function hiddenPathOf(store: FilesystemRoot, key: string, uploadId: string): string | null {
  return /^[0-9a-f]{32}-[0-9a-f]{32}$/.test(uploadId) && uploadId.endsWith(digestOfKey(key)) ? join(store.multipart, uploadId) : null;
}

export const digestOfKey = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 32);
