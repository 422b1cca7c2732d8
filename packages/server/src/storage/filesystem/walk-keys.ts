import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { compareKeys } from '../compare-keys.ts';
import { nameOfFile } from './file-names.ts';
import { isMissing } from './filesystem-error.ts';
import { hiddenDirectory } from './root.ts';

/** How many names of one directory are held at once; a larger directory is read again for each further window. */
const windowSize = 50_000;

/** `key` ends with "/" for a directory: that is how its objects sort among its siblings, so "a-b" < "a.b" < "a/b". */
type Entry = { key: string; path: string; directory: boolean };
export type FoundFile = { key: string; path: string };
export type Walk = { root: string; prefix: string; after: string; window?: number };

/**
 * Files below a directory in ascending byte order of their whole keys, beginning after `after`. Holds one window of names for each level of
 * the path it stands on and no descriptor between two steps, so it can be left and dropped at any time. Links are not followed and not answered.
 */
export async function* walkKeys(walk: Walk, directory: string, keyPrefix: string): AsyncGenerator<FoundFile, void> {
  const limit = walk.window ?? windowSize;
  let last = '';
  for (;;) {
    const entries = await smallestEntries(walk, directory, keyPrefix, last, limit);
    for (const entry of entries) {
      if (entry.directory) yield* walkKeys(walk, entry.path, entry.key);
      else yield { key: entry.key, path: entry.path };
    }
    if (entries.length < limit) return;
    last = entries.at(-1)?.key ?? last;
  }
}

/** The first entries of a directory past `last`, sorted, in memory bounded by `limit` however large the directory is. */
async function smallestEntries(walk: Walk, directory: string, keyPrefix: string, last: string, limit: number): Promise<Entry[]> {
  let kept: Entry[] = [];
  let ceiling: string | null = null;
  const order = (a: Entry, b: Entry): number => compareKeys(a.key, b.key);
  for await (const entry of entriesOf(walk, directory, keyPrefix)) {
    if (!isWanted(walk, entry) || (last !== '' && compareKeys(entry.key, last) <= 0)) continue;
    if (ceiling !== null && compareKeys(entry.key, ceiling) >= 0) continue;
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
    for await (const found of await opendir(directory, { bufferSize: 512 })) {
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

function isWanted({ prefix, after }: Walk, { key, directory }: Entry): boolean {
  if (directory) return (key.startsWith(prefix) || prefix.startsWith(key)) && (compareKeys(key, after) > 0 || after.startsWith(key));
  return key.startsWith(prefix) && compareKeys(key, after) > 0;
}
