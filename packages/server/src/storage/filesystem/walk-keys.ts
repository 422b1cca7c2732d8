import { opendirSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { sep } from 'node:path';
import { compareKeys } from '../compare-keys.ts';
import { nameOfFile } from './file-names.ts';
import { isMissing } from './filesystem-error.ts';
import { hiddenDirectory } from './root.ts';

/** How many names of one directory are held at once; a larger directory is read again for each window. */
const windowSize = 50_000;
const smallDirectoryBytes = 1024 * 1024;

/** `key` ends with "/" for a directory, because its objects sort that way among its siblings: "a-b" < "a.b" < "a/b". */
type Entry = { key: string; path: string; directory: boolean };
export type FoundFile = { key: string; path: string };
export type Walk = { root: string; prefix: string; after: string; window?: number };

/**
 * Files below a directory in ascending byte order of their whole keys, starting after `after`. Reads the disk synchronously, because a promise costs
 * several times what the disk does; it runs in a thread with nothing else to do (list-child.ts). Holds one window of names for each level of the
 * current path and no descriptor between two steps, so it can be dropped at any time. Skips links.
 */
export function* walkKeys(walk: Walk, directory: string, keyPrefix: string): Generator<FoundFile, void> {
  const limit = walk.window ?? windowSize;
  for (let last = ''; ;) {
    const entries = smallestEntries(walk, directory, keyPrefix, last, limit);
    for (const entry of entries) {
      if (entry.directory) yield* walkKeys(walk, entry.path, entry.key);
      else yield { key: entry.key, path: entry.path };
    }
    if (entries.length < limit) return;
    last = entries.at(-1)?.key ?? last;
  }
}

/** The first entries of a directory after `last`, sorted, in memory bounded by `limit` however large the directory is. */
function smallestEntries(walk: Walk, directory: string, keyPrefix: string, last: string, limit: number): Entry[] {
  let kept: Entry[] = [];
  let ceiling: string | null = null;
  const order = (a: Entry, b: Entry): number => compareKeys(a.key, b.key, keyPrefix.length);
  for (const entry of entriesOf(walk, directory, keyPrefix)) {
    if (!isWanted(walk, entry) || (last !== '' && compareKeys(entry.key, last, keyPrefix.length) <= 0)) continue;
    if (ceiling !== null && compareKeys(entry.key, ceiling, keyPrefix.length) >= 0) continue;
    kept.push(entry);
    if (kept.length < limit * 2) continue;
    kept = kept.sort(order).slice(0, limit);
    ceiling = kept.at(-1)?.key ?? null;
  }
  return kept.sort(order).slice(0, limit);
}

/** The entries of a directory, with long names joined again from the directories that continue them. */
function* entriesOf(walk: Walk, directory: string, keyPrefix: string): Generator<Entry, void> {
  try {
    for (const found of directoryEntries(directory)) {
      if (found.name === hiddenDirectory && directory === walk.root) continue;
      const { name, continues } = nameOfFile(found.name);
      const path = `${directory}${sep}${found.name}`;
      if (found.isDirectory() && continues) yield* entriesOf(walk, path, keyPrefix + name);
      else if (found.isDirectory()) yield { key: `${keyPrefix}${name}/`, path, directory: true };
      else if (found.isFile()) yield { key: keyPrefix + name, path, directory: false };
    }
  } catch (error) {
    // Pruned meanwhile, or never there: nothing lies in it.
    if (!isMissing(error)) throw error;
  }
}

/**
 * Reads a small directory at once, which takes half as many calls. File systems report directory sizes differently, but none reports so little for
 * more than some ten thousand names (ZFS, which counts names: a million).
 */
function directoryEntries(directory: string): Iterable<Dirent> {
  return statSync(directory).size <= smallDirectoryBytes ? readdirSync(directory, { withFileTypes: true }) : readPiecewise(directory);
}

function* readPiecewise(path: string): Generator<Dirent, void> {
  const directory = opendirSync(path, { bufferSize: 512 });
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) yield entry;
  } finally {
    directory.closeSync();
  }
}

function isWanted({ prefix, after }: Walk, { key, directory }: Entry): boolean {
  if (directory) return (key.startsWith(prefix) || prefix.startsWith(key)) && (compareKeys(key, after) > 0 || after.startsWith(key));
  return key.startsWith(prefix) && compareKeys(key, after) > 0;
}
