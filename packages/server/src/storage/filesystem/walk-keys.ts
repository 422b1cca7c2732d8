import type { Dirent } from 'node:fs';
import { opendir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareKeys } from '../compare-keys.ts';
import { nameOfFile } from './file-names.ts';
import { isMissing } from './filesystem-error.ts';
import { hiddenDirectory } from './root.ts';

/** How many names of one directory are held at once; a larger directory is read again for each further window. */
const windowSize = 50_000;
const smallDirectoryBytes = 1024 * 1024;
const directoriesAhead = 24;

/** `key` ends with "/" for a directory: that is how its objects sort among its siblings, so "a-b" < "a.b" < "a/b". */
type Entry = { key: string; path: string; directory: boolean };
export type FoundFile = { key: string; path: string };
export type Walk = { root: string; prefix: string; after: string; window?: number };

/**
 * Files below a directory in ascending byte order of their whole keys, beginning after `after`, in runs: one step for each file would cost more
 * than the file. Holds one window of names for each level of the path it stands on and no descriptor between two steps, so it can be left and
 * dropped at any time. Links are not followed and not answered.
 */
export async function* walkKeys(walk: Walk, directory: string, keyPrefix: string, begun?: Promise<Entry[]>): AsyncGenerator<FoundFile[], void> {
  const limit = walk.window ?? windowSize;
  let last = '';
  for (let first = begun; ; first = undefined) {
    const entries = await (first ?? smallestEntries(walk, directory, keyPrefix, last, limit));
    const readAhead = openReadAhead(walk, entries, limit);
    let run: FoundFile[] = [];
    for (const entry of entries) {
      if (!entry.directory) {
        run.push({ key: entry.key, path: entry.path });
        continue;
      }
      if (run.length > 0) yield run;
      run = [];
      yield* walkKeys(walk, entry.path, entry.key, readAhead());
    }
    if (run.length > 0) yield run;
    if (entries.length < limit) return;
    last = entries.at(-1)?.key ?? last;
  }
}

/**
 * Answers the first window of one directory after the other, in their order, while those that follow are being read: most hold the few files of
 * one asset, and one at a time would have the disk wait for us and us for it.
 */
function openReadAhead(walk: Walk, entries: readonly Entry[], limit: number): () => Promise<Entry[]> | undefined {
  const directories = entries.filter(({ directory }) => directory);
  const reading: Promise<Entry[]>[] = [];
  let next = 0;
  return () => {
    for (; reading.length < directoriesAhead && next < directories.length; next += 1) {
      const { path, key } = directories[next] as Entry; // next < directories.length
      const window = smallestEntries(walk, path, key, '', limit);
      // Thrown where it is awaited, if anybody comes as far.
      window.catch(() => undefined);
      reading.push(window);
    }
    return reading.shift();
  };
}

/** The first entries of a directory past `last`, sorted, in memory bounded by `limit` however large the directory is. */
async function smallestEntries(walk: Walk, directory: string, keyPrefix: string, last: string, limit: number): Promise<Entry[]> {
  let kept: Entry[] = [];
  let ceiling: string | null = null;
  const order = (a: Entry, b: Entry): number => compareKeys(a.key, b.key, keyPrefix.length);
  for await (const entry of entriesOf(walk, directory, keyPrefix)) {
    if (!isWanted(walk, entry) || (last !== '' && compareKeys(entry.key, last, keyPrefix.length) <= 0)) continue;
    if (ceiling !== null && compareKeys(entry.key, ceiling, keyPrefix.length) >= 0) continue;
    kept.push(entry);
    if (kept.length < limit * 2) continue;
    kept = kept.sort(order).slice(0, limit);
    ceiling = kept.at(-1)?.key ?? null;
  }
  return kept.sort(order).slice(0, limit);
}

/** What a directory holds, with long names put together again from the directories they go on in. */
async function* entriesOf(walk: Walk, directory: string, keyPrefix: string): AsyncGenerator<Entry, void> {
  try {
    for await (const found of await directoryEntries(directory)) {
      if (found.name === hiddenDirectory && directory === walk.root) continue;
      const { name, continues } = nameOfFile(found.name);
      const path = join(directory, found.name);
      if (found.isDirectory() && continues) yield* entriesOf(walk, path, keyPrefix + name);
      else if (found.isDirectory()) yield { key: `${keyPrefix}${name}/`, path, directory: true };
      else if (found.isFile()) yield { key: keyPrefix + name, path, directory: false };
    }
  } catch (error) {
    // Pruned, or not there at all: nothing lies in it.
    if (!isMissing(error)) throw error;
  }
}

/**
 * A directory that cannot hold many names is read at once, which takes half as many calls. The size that a file system gives a directory
 * differs, but on none does so little hold more than some ten thousand names (on ZFS, which counts names: a million).
 */
async function directoryEntries(directory: string): Promise<Iterable<Dirent> | AsyncIterable<Dirent>> {
  const { size } = await stat(directory);
  return size <= smallDirectoryBytes ? readdir(directory, { withFileTypes: true }) : opendir(directory, { bufferSize: 512 });
}

function isWanted({ prefix, after }: Walk, { key, directory }: Entry): boolean {
  if (directory) return (key.startsWith(prefix) || prefix.startsWith(key)) && (compareKeys(key, after) > 0 || after.startsWith(key));
  return key.startsWith(prefix) && compareKeys(key, after) > 0;
}
