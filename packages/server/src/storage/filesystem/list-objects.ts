import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

import { SafelightError } from '../../lib/errors.ts';
import { owned } from '../../lib/owned.ts';
import type { ListOptions, ListPage } from '../store.ts';
import { etagOf } from './describe-file.ts';
import { isRealDirectory } from './directories.ts';
import { directoryOfPrefix } from './file-names.ts';
import { filesystemError } from './filesystem-error.ts';
import type { AskedPage, FailedPage, FoundPage } from './list-messages.ts';
import type { FilesystemRoot } from './root.ts';

const defaultLimit = 1_000;

/** Lists a store, a page at a time. */
export type Lister = { list(options: ListOptions): Promise<ListPage>; close(): Promise<void> };

/**
 * A thread does the listing. It is started for the first page and kept for those that follow; it keeps neither the event loop busy nor the process
 * alive.
 */
export function openLister(store: FilesystemRoot): Lister {
  let thread: Thread | null = null;
  let isClosed = false;
  return {
    async list(options) {
      const { prefix = '', cursor = '', limit = defaultLimit, signal } = options;
      if (limit < 1) throw new SafelightError('invalid_request', 'A page of a listing holds at least one object.');
      try {
        signal?.throwIfAborted();
        await stat(store.temporary);
        const { directory, keyPrefix } = directoryOfPrefix(store.root, prefix);
        // A missing directory lists as an empty one; one behind a link is refused here.
        await isRealDirectory(store, directory);
        if (isClosed) throw new Error('The store is closed.');
        thread ??= startThread((ended) => (thread = thread === ended ? null : thread));
        return pageOf(await thread.ask({ root: store.root, directory, keyPrefix, prefix, cursor, limit }, signal));
      } catch (error) {
        throw filesystemError(store, error, { prefix, cursor });
      }
    },
    async close() {
      isClosed = true;
      await thread?.end();
    },
  };
}

function pageOf({ keys, sizes, modifiedMs, next }: FoundPage): ListPage {
  const objects = keys.map((key, index) => {
    const [size = 0, mtimeMs = 0] = [sizes[index], modifiedMs[index]];
    return { key, bytes: size, modifiedAt: new Date(mtimeMs), etag: etagOf({ size, mtimeMs }) };
  });
  return { objects, cursor: next };
}

type Thread = { ask(page: Omit<AskedPage, 'id'>, signal: AbortSignal | undefined): Promise<FoundPage>; end(): Promise<unknown> };

const entry = new URL(import.meta.url.endsWith('.ts') ? './list-child.ts' : './list-child.js', import.meta.url);

function startThread(onEnd: (ended: Thread) => void): Thread {
  const worker = owned(new Worker(entry, { name: 'list' }));
  const asked = new Map<number, PromiseWithResolvers<FoundPage>>();
  const settle = (id: number): PromiseWithResolvers<FoundPage> | undefined => {
    const page = asked.get(id);
    asked.delete(id);
    if (asked.size === 0) worker.unref();
    return page;
  };
  worker.on('message', (answer: FoundPage | FailedPage) => {
    if (!('failed' in answer)) return settle(answer.id)?.resolve(answer);
    const { message, ...facts } = answer.failed;
    settle(answer.id)?.reject(Object.assign(new Error(message), facts));
  });
  const end = (why: Error): void => {
    onEnd(thread);
    for (const id of asked.keys()) settle(id)?.reject(why);
  };
  worker.on('error', end);
  worker.on('exit', () => end(new Error('The thread that lists a store ended.')));
  worker.unref();
  let last = 0;
  const thread: Thread = {
    async ask(page, signal) {
      const id = ++last;
      const answer = Promise.withResolvers<FoundPage>();
      asked.set(id, answer);
      worker.ref();
      worker.postMessage({ id, ...page } satisfies AskedPage);
      const onAbort = (): void => settle(id)?.reject(asError(signal?.reason));
      signal?.addEventListener('abort', onAbort, { once: true });
      return await answer.promise.finally(() => signal?.removeEventListener('abort', onAbort));
    },
    end: async () => await worker.terminate(),
  };
  return thread;
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new DOMException('The listing was given up.', 'AbortError'));
