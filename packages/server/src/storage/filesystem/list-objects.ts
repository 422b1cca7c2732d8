import { lstat, stat } from 'node:fs/promises';
import { SafelightError } from '../../lib/errors.ts';
import { runLimited } from '../run-limited.ts';
import type { ListOptions, ListPage } from '../store.ts';
import { etagOf } from './describe-file.ts';
import { isRealDirectory } from './directories.ts';
import { directoryOfPrefix } from './file-names.ts';
import { filesystemError, isMissing } from './filesystem-error.ts';
import type { FilesystemRoot } from './root.ts';
import { walkKeys, type FoundFile } from './walk-keys.ts';

const statsAtOnce = 16;
const defaultLimit = 1_000;

/** Walks that stopped at the end of a page, so that the next page goes on where they stand instead of looking for the place again. */
const maxWaitingWalks = 4;
export type WaitingWalks = Map<string, AsyncGenerator<FoundFile, void>>;

export async function listObjects(store: FilesystemRoot, waiting: WaitingWalks, options: ListOptions): Promise<ListPage> {
  const { prefix = '', cursor = '', limit = defaultLimit, signal } = options;
  if (limit < 1) throw new SafelightError('invalid_request', 'A page of a listing holds at least one object.');
  try {
    await stat(store.temporary);
    const walk = takeWalk(waiting, prefix, cursor) ?? (await startWalk(store, prefix, cursor));
    const found: FoundFile[] = [];
    while (found.length < limit) {
      signal?.throwIfAborted();
      const step = await walk.next();
      if (step.done) return { objects: await describe(found), cursor: null };
      found.push(step.value);
    }
    const last = found.at(-1)?.key ?? '';
    leaveWalk(waiting, prefix, last, walk);
    return { objects: await describe(found), cursor: last };
  } catch (error) {
    throw filesystemError(store, error, { prefix, cursor });
  }
}

async function startWalk(store: FilesystemRoot, prefix: string, after: string): Promise<AsyncGenerator<FoundFile, void>> {
  const { directory, keyPrefix } = directoryOfPrefix(store.root, prefix);
  // A missing directory walks as an empty one; one behind a link is refused here.
  await isRealDirectory(store, directory);
  return walkKeys({ root: store.root, prefix, after }, directory, keyPrefix);
}

/** A walk belongs to one reader: it is taken out, so that two readers at one place each have their own. */
function takeWalk(waiting: WaitingWalks, prefix: string, cursor: string): AsyncGenerator<FoundFile, void> | undefined {
  const name = `${prefix}\0${cursor}`;
  const walk = waiting.get(name);
  waiting.delete(name);
  return walk;
}

function leaveWalk(waiting: WaitingWalks, prefix: string, cursor: string, walk: AsyncGenerator<FoundFile, void>): void {
  waiting.set(`${prefix}\0${cursor}`, walk);
  const [oldest] = waiting.keys();
  if (waiting.size > maxWaitingWalks && oldest !== undefined) waiting.delete(oldest);
}

async function describe(found: readonly FoundFile[]): Promise<ListPage['objects']> {
  const objects: (ListPage['objects'][number] | null)[] = Array.from({ length: found.length }, () => null);
  await runLimited(found, statsAtOnce, async ({ key, path }, index) => {
    try {
      const stats = await lstat(path);
      if (stats.isFile()) objects[index] = { key, bytes: stats.size, modifiedAt: stats.mtime, etag: etagOf(stats) };
    } catch (error) {
      // Deleted since it was seen.
      if (!isMissing(error)) throw error;
    }
  });
  return objects.filter((object) => object !== null);
}
