import { lstatSync, type Stats } from 'node:fs';
import { parentPort } from 'node:worker_threads';

import { isMissing } from './filesystem-error.ts';
import type { AskedPage, FailedPage, FoundPage } from './list-messages.ts';
import { walkKeys, type FoundFile } from './walk-keys.ts';

/** Walks that stopped at the end of a page are kept, so that the next page need not find its place again. */
const maxWaitingWalks = 4;
const waiting = new Map<string, Generator<FoundFile, void>>();

/** A thread that lists a store. It may block on the disk, because no request waits in it. */
parentPort?.on('message', (asked: AskedPage) => {
  try {
    const page = listPage(asked);
    parentPort?.postMessage(page);
  } catch (error) {
    const { message, code, syscall } = error as NodeJS.ErrnoException;
    parentPort?.postMessage({ id: asked.id, failed: { message, code, syscall } } satisfies FailedPage);
  }
});

function listPage({ id, root, directory, keyPrefix, prefix, cursor, limit }: AskedPage): FoundPage {
  const walk = takeWalk(prefix, cursor) ?? walkKeys({ root, prefix, after: cursor }, directory, keyPrefix);
  const keys: string[] = [];
  const sizes: number[] = [];
  const modifiedMs: number[] = [];
  const pageUpTo = (next: string | null): FoundPage => ({ id, keys, sizes: Float64Array.from(sizes), modifiedMs: Float64Array.from(modifiedMs), next });
  let last = cursor;
  for (let found = 0; found < limit; found++) {
    const { done, value } = walk.next();
    if (done === true) return pageUpTo(null);
    last = value.key;
    const stats = lookAt(value.path);
    if (stats?.isFile() !== true) continue;
    sizes.push(stats.size);
    modifiedMs.push(stats.mtimeMs);
    keys.push(value.key);
  }
  leaveWalk(prefix, last, walk);
  return pageUpTo(last);
}

/** Undefined when it was deleted after it was seen. */
function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A walk belongs to one reader: it is removed here, so that two readers at one place each have their own. */
function takeWalk(prefix: string, cursor: string): Generator<FoundFile, void> | undefined {
  const name = `${prefix}\0${cursor}`;
  const walk = waiting.get(name);
  waiting.delete(name);
  return walk;
}

function leaveWalk(prefix: string, cursor: string, walk: Generator<FoundFile, void>): void {
  waiting.set(`${prefix}\0${cursor}`, walk);
  const [oldest] = waiting.keys();
  if (waiting.size > maxWaitingWalks && oldest !== undefined) waiting.delete(oldest);
}
