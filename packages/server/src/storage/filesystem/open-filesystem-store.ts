import { mkdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Capabilities, Store } from '../store.ts';
import { maxParts } from '../store-limits.ts';
import { appendObjects } from './append-object.ts';
import { copyObject } from './copy-object.ts';
import { deleteObjects } from './delete-objects.ts';
import { filesystemError } from './filesystem-error.ts';
import { getObject, headObject, localPathOf } from './get-object.ts';
import { openLister } from './list-objects.ts';
import { multipartUploads } from './multipart-upload.ts';
import { putObject } from './put-object.ts';
import { hiddenDirectory, type FilesystemRoot } from './root.ts';
import { sendObject } from './send-object.ts';
import { sweepTemporary } from './sweep-temporary.ts';
import { unnamedObjects } from './unnamed-objects.ts';
import { removeIfThere, withTemporary } from './write-temporary.ts';

export type FilesystemStoreConfig = {
  provider: 'filesystem';
  /** The name in locators; the directory may move, but this name may not change. */
  location: string;
  /** The directory; created if it is missing. */
  root: string;
};

const capabilities: Capabilities = {
  presignedPut: 'served',
  presignedGet: false,
  presignedCacheControl: false,
  binds: { size: true, type: true, createOnly: true },
  conditionalCreate: true,
  multipart: { minPartBytes: 1, maxParts, equalParts: false, partsOnly: true },
  checksum: 'sha256',
  localPath: true,
  listOrder: 'bytes',
  keepsContentType: false,
};

/** Opens a directory as a store, and removes what writers that died long ago left in it. Any number of processes may open the same one. */
export async function openFilesystemStore({ location, root }: FilesystemStoreConfig): Promise<Store> {
  const store = await openRoot(location, resolve(root));
  const lister = openLister(store);
  const { close: endNaming, ...unnamed } = unnamedObjects(store);
  return {
    provider: 'filesystem',
    location,
    capabilities,
    put: (key, body, options) => putObject(store, key, body, options),
    get: (key, options) => getObject(store, key, options),
    head: (key, options) => headObject(store, key, options),
    delete: (keys, options) => deleteObjects(store, keys, options),
    list: lister.list,
    copy: (from, to, options) => copyObject(store, from, to, options),
    check: ({ signal } = {}) => checkRoot(store, signal),
    async close() {
      await lister.close();
      await endNaming();
    },
    multipart: multipartUploads(store),
    append: appendObjects(store),
    send: (key, begin, options) => sendObject(store, key, begin, options),
    unnamed,
    localPath: (key) => localPathOf(store, key),
  };
}

async function openRoot(location: string, root: string): Promise<FilesystemRoot> {
  const opened = (real: string): FilesystemRoot => {
    const hidden = (name: string): string => join(real, hiddenDirectory, name);
    return {
      location,
      root: real,
      temporary: hidden('temporary'),
      multipart: hidden('multipart'),
      unnamed: hidden('unnamed'),
      knownDirectories: new Set(),
      durableDirectories: new Set(),
    };
  };
  try {
    await mkdir(root, { recursive: true });
    const store = opened(await realpath(root));
    await mkdir(store.temporary, { recursive: true });
    await mkdir(store.multipart, { recursive: true });
    await mkdir(store.unnamed, { recursive: true });
    await sweepTemporary(store);
    return store;
  } catch (error) {
    throw filesystemError(opened(root), error);
  }
}

/** Writes and syncs a file as a put would, without changing the store. */
async function checkRoot(store: FilesystemRoot, signal: AbortSignal | undefined): Promise<void> {
  try {
    await withTemporary(store, Buffer.from('safelight'), { ...(signal && { signal }) }, ({ path }) => removeIfThere(path));
    await stat(store.multipart);
    await stat(store.unnamed);
  } catch (error) {
    throw filesystemError(store, error);
  }
}
