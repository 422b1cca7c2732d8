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

const statsAtOnce = 32;
/** Enough that the disk always has some to look at; most runs are the two or three files of one asset. */
const describedTogether = 256;
const defaultLimit = 1_000;

/** Walks that stopped at the end of a page, so that the next page goes on where they stand instead of looking for the place again. */
const maxWaitingWalks = 4;
/** `found` is what a step brought beyond the page. */
type WaitingWalk = { steps: AsyncGenerator<FoundFile[], void>; found: FoundFile[] };
export type WaitingWalks = Map<string, WaitingWalk>;

export async function listObjects(store: FilesystemRoot, waiting: WaitingWalks, options: ListOptions): Promise<ListPage> {
  const { prefix = '', cursor = '', limit = defaultLimit, signal } = options;
  if (limit < 1) throw new SafelightError('invalid_request', 'A page of a listing holds at least one object.');
  try {
    await stat(store.temporary);
    const walk = takeWalk(waiting, prefix, cursor) ?? (await startWalk(store, prefix, cursor));
    const { found, ended, objects } = await readPage(walk, limit, signal);
    const last = found.at(-1)?.key ?? cursor;
    if (!ended) leaveWalk(waiting, prefix, last, walk);
    return { objects, cursor: ended ? null : last };
  } catch (error) {
    throw filesystemError(store, error, { prefix, cursor });
  }
}

/** Looks at some hundred files while the next are being found. */
async function readPage(
  walk: WaitingWalk,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<{ found: FoundFile[]; ended: boolean; objects: ListPage['objects'] }> {
  const found: FoundFile[] = [];
  const objects: ListPage['objects'] = [];
  let described = 0;
  let describing: Promise<ListPage['objects']> = Promise.resolve([]);
  let ended = false;
  while (found.length < limit) {
    signal?.throwIfAborted();
    if (walk.found.length === 0) {
      const step = await walk.steps.next();
      ended = step.done === true;
      if (step.done) break;
      walk.found = step.value;
    }
    found.push(...walk.found.splice(0, limit - found.length));
    if (found.length - described < describedTogether) continue;
    objects.push(...(await describing));
    describing = describe(found.slice(described));
    // Its failure is thrown where it is awaited; until then it must not count as unhandled.
    describing.catch(() => undefined);
    described = found.length;
  }
  objects.push(...(await describing), ...(await describe(found.slice(described))));
  return { found, ended, objects };
}

async function startWalk(store: FilesystemRoot, prefix: string, after: string): Promise<WaitingWalk> {
  const { directory, keyPrefix } = directoryOfPrefix(store.root, prefix);
  // A missing directory walks as an empty one; one behind a link is refused here.
  await isRealDirectory(store, directory);
  return { steps: walkKeys({ root: store.root, prefix, after }, directory, keyPrefix), found: [] };
}

/** A walk belongs to one reader: it is taken out, so that two readers at one place each have their own. */
function takeWalk(waiting: WaitingWalks, prefix: string, cursor: string): WaitingWalk | undefined {
  const name = `${prefix}\0${cursor}`;
  const walk = waiting.get(name);
  waiting.delete(name);
  return walk;
}

function leaveWalk(waiting: WaitingWalks, prefix: string, cursor: string, walk: WaitingWalk): void {
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
