import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keyTaken } from '../key-taken.ts';
import type { Unnamed } from '../store.ts';
import { describeFile } from './describe-file.ts';
import { syncDirectory } from './directories.ts';
import { nameOfFile } from './file-names.ts';
import { filesystemError, isMissing, runOnKeys, systemCode } from './filesystem-error.ts';
import { publishUnnamed, removeUnnamed, unnamedPathOf } from './publish-unnamed.ts';
import type { FilesystemRoot } from './root.ts';
import { writeNew } from './write-temporary.ts';

/** Hidden files, each under a name that says its key, so that it is found from there; whole and durable once a transaction tells of it. */
export function unnamedObjects(store: FilesystemRoot): Unnamed & { close(): Promise<void> } {
  const run = runOnKeys(store);
  const naming = new Set<Promise<void>>();
  return {
    put: (key, pieces, options) =>
      run(key, async () => {
        const path = unnamedPathOf(store, key);
        if (path === null) return null;
        const file = await writeNew(path, pieces, options, async () => await syncDirectory(store.unnamed)).catch((error: unknown) => {
          throw systemCode(error) === 'EEXIST' ? keyTaken(key, error) : error;
        });
        return { ...describeFile(key, file.stats, file.sha256), crc32: file.crc32 };
      }),
    async publish(key) {
      const named = run(key, async () => await publishUnnamed(store, key));
      naming.add(named);
      try {
        await named;
      } finally {
        naming.delete(named);
      }
    },
    discard: (key) => run(key, async () => void (await removeUnnamed(store, key))),
    async list() {
      try {
        const found = (await readdir(store.unnamed)).map(async (file) => ({
          key: nameOfFile(file).name,
          modifiedAt: await modifiedAt(join(store.unnamed, file)),
        }));
        return (await Promise.all(found)).flatMap(({ key, modifiedAt: at }) => (at === null ? [] : { key, modifiedAt: at }));
      } catch (error) {
        throw filesystemError(store, error);
      }
    },
    /** Waits for the names that nobody else waits for. */
    async close() {
      await Promise.allSettled(naming);
    },
  };
}

/** Null when the file has got its name, or was deleted, meanwhile. */
async function modifiedAt(path: string): Promise<Date | null> {
  try {
    return (await stat(path)).mtime;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
