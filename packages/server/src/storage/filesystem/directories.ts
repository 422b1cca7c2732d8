import { closeSync } from 'node:fs';
import { mkdir, realpath, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openFile, syncFile } from './descriptors.ts';
import { isMissing, symbolicLink, systemCode } from './filesystem-error.ts';
import type { FilesystemRoot } from './root.ts';

/** Bounds the memory of `knownDirectories` and `durableDirectories`; beyond it a set is cleared. */
const maxKnownDirectories = 10_000;

/** Refuses a directory below the root that is reached through a symbolic link. False when there is no such directory. */
export async function isRealDirectory(store: FilesystemRoot, directory: string): Promise<boolean> {
  if (store.knownDirectories.has(directory)) return true;
  if (!(await isReal(directory))) return false;
  remember(store.knownDirectories, directory);
  return true;
}

async function isReal(directory: string): Promise<boolean> {
  try {
    if ((await realpath(directory)) !== directory) throw symbolicLink({ directory });
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Creates the missing levels of a directory, one at a time so that no link is followed; returns the directories that must be synced as well. */
async function makeDirectory(store: FilesystemRoot, directory: string): Promise<string[]> {
  if (store.durableDirectories.has(directory)) return [];
  if (directory === store.root) {
    if (await isRealDirectory(store, directory)) return [];
    throw Object.assign(new Error('The root is gone.'), { code: 'ENOENT', syscall: 'mkdir' });
  }
  const parent = dirname(directory);
  const changed = await makeDirectory(store, parent);
  try {
    await mkdir(directory);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    // It existed before, or another writer created it just now and has not synced it yet; or it is a link or a file.
    if (!(await isReal(directory))) throw error;
  }
  return [...changed, parent];
}

/**
 * Runs `publish`, which adds a name to `directory`, and makes the name durable. If a concurrent delete prunes the directory before that, it is
 * created again: `rmdir` only removes empty ones, so a published name is never lost. `isRenamed`: what gets the name has a durable one already, and
 * keeps that until the new one is durable, for a rename reaches the disk whole or not at all; so neither the name nor its directory is synced.
 */
export async function publishInto(store: FilesystemRoot, directory: string, publish: () => Promise<void>, isRenamed = false): Promise<void> {
  const changed = new Set([directory]);
  for (let attempt = 1; ; attempt += 1) {
    try {
      for (const parent of await makeDirectory(store, directory)) changed.add(parent);
      await publish();
      break;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || attempt === 100) throw error;
      forget(store, directory);
      await stat(store.temporary);
    }
  }
  const unsynced = isRenamed ? [directory, dirname(directory)] : [];
  await Promise.all([...changed].filter((one) => !unsynced.includes(one)).map(syncDirectory));
  for (const made of changed) {
    remember(store.knownDirectories, made);
    // Only after the sync: a writer that finds a directory here does not sync its name.
    if (!isRenamed || made !== directory) remember(store.durableDirectories, made);
  }
}

/** For each directory, the running sync and the one after it. */
const underWay = new Map<string, { ended: Promise<void>; next: Promise<void> | null }>();

/**
 * Makes the names in a directory durable; a directory that is gone has none. Callers that come during a sync share the next one, which begins after
 * their names were written.
 */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a directory; its file systems journal names themselves.
  if (process.platform === 'win32') return;
  const current = underWay.get(directory);
  if (current === undefined) return await beginSync(directory);
  current.next ??= current.ended.then(() => beginSync(directory));
  await current.next;
}

async function beginSync(directory: string): Promise<void> {
  const synced = syncNames(directory);
  const entry = { ended: synced.catch(() => undefined), next: null };
  underWay.set(directory, entry);
  try {
    await synced;
  } finally {
    if (underWay.get(directory) === entry) underWay.delete(directory);
  }
}

async function syncNames(directory: string): Promise<void> {
  try {
    const descriptor = await openFile(directory, 'r');
    try {
      await syncFile(descriptor);
    } finally {
      // Does not block: nothing was written through it.
      closeSync(descriptor);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Removes a directory and its parents while they are empty, never the root; returns the first one that stays. */
export async function removeEmptyDirectories(store: FilesystemRoot, directory: string): Promise<string> {
  for (let current = directory; ; current = dirname(current)) {
    if (current === store.root) return current;
    try {
      await rmdir(current);
      release(store, current);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') continue;
      return current;
    }
  }
}

function remember(directories: Set<string>, directory: string): void {
  if (directories.size >= maxKnownDirectories) directories.clear();
  directories.add(directory);
}

function forget(store: FilesystemRoot, directory: string): void {
  for (let current = directory; current !== store.root && current !== dirname(current); current = dirname(current)) release(store, current);
}

function release(store: FilesystemRoot, directory: string): void {
  store.knownDirectories.delete(directory);
  store.durableDirectories.delete(directory);
}
