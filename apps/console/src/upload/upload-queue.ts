import { createStore, type Client, type Store, type UploadTask } from '@safelight/client';
import type { RuleViolation } from '@safelight/contract/check-media-rules';
import type { MediaRules } from '@safelight/contract/media-rules';
import type { Destination } from '@safelight/contract/uploads';

import type { PictureHeader } from './read-picture-header.ts';

/**
 * A file that was chosen. It is `looked-at` for a moment; then it is `waiting` for its turn, or, when the rules have something
 * against it, `held` until somebody decides; then it is `started` and its task tells the rest.
 */
export type UploadItem = {
  key: number;
  file: File;
  destination: Destination;
  /** The record whose place it takes, if so. */
  replaces: string | null;
  stage: 'looked-at' | 'held' | 'waiting' | 'started';
  advice: RuleViolation | null;
  task: UploadTask | null;
};

export type UploadQueue = Store<{ items: readonly UploadItem[] }> & {
  add: (files: Iterable<File>, destination: Destination, rules: MediaRules, replaces?: string) => void;
  /** Uploads a held file nevertheless, or a failed one again. */
  start: (key: number) => void;
  /** Aborts it if it is under way, and forgets it. */
  remove: (key: number) => void;
  /** Forgets what has ended well. */
  clearDone: () => void;
};

/** Leaving the page now would lose it. */
export const isUnsent = ({ stage, task }: UploadItem): boolean => stage === 'looked-at' || stage === 'waiting' || (task !== null && holdsSlot(task));

/** From the moment that the server has all bytes, the rest goes on without this page. */
function holdsSlot(task: UploadTask): boolean {
  const { state } = task.getSnapshot();
  return state === 'checking' || state === 'uploading';
}

/** At once: enough to fill a connection, few enough that each one gets somewhere. */
const atOnce = 3;

/** What was chosen to be uploaded, in order. Lives outside of the pages, so that going to another one interrupts nothing. */
export function createUploadQueue(client: Client, readHeader: (file: File) => Promise<PictureHeader | null>): UploadQueue {
  const { change, subscribe, getSnapshot } = createStore<{ items: readonly UploadItem[] }>({ items: [] });
  const under = new Set<UploadTask>();
  let lastKey = 0;
  /** One file after the other: hundreds may have been chosen. */
  let looked: Promise<void> = Promise.resolve();

  const find = (key: number): UploadItem | undefined => getSnapshot().items.find((item) => item.key === key);
  const update = (key: number, part: Partial<UploadItem>): void =>
    change({ items: getSnapshot().items.map((item) => (item.key === key ? { ...item, ...part } : item)) });

  const startNext = (): void => {
    while (under.size < atOnce) {
      const next = getSnapshot().items.find(({ stage }) => stage === 'waiting');
      if (!next) return;
      const task = client.upload(next.file, next.destination, next.replaces === null ? {} : { replaces: next.replaces });
      under.add(task);
      update(next.key, { stage: 'started', task });
      const stop = task.subscribe(() => {
        if (holdsSlot(task)) return;
        stop();
        under.delete(task);
        startNext();
      });
    }
  };

  const lookAt = async ({ key, file }: UploadItem, rules: MediaRules): Promise<void> => {
    const header = await readHeader(file).catch(() => null);
    const size = header === null ? {} : { width: header.width, height: header.height };
    const advice = client.rules.check(rules, { type: file.type === '' ? undefined : file.type, bytes: file.size, ...size });
    if (find(key)?.stage !== 'looked-at') return;
    update(key, { advice, stage: advice ? 'held' : 'waiting' });
    startNext();
  };

  return {
    subscribe,
    getSnapshot,
    add(files, destination, rules, replaces) {
      const added = Array.from(files, (file): UploadItem => {
        lastKey += 1;
        return { key: lastKey, file, destination, replaces: replaces ?? null, stage: 'looked-at', advice: null, task: null };
      });
      change({ items: [...getSnapshot().items, ...added] });
      for (const item of added) looked = looked.then(() => lookAt(item, rules));
    },
    start(key) {
      update(key, { stage: 'waiting', task: null });
      startNext();
    },
    remove(key) {
      find(key)?.task?.abort();
      change({ items: getSnapshot().items.filter((item) => item.key !== key) });
    },
    clearDone() {
      change({ items: getSnapshot().items.filter(({ task }) => task?.getSnapshot().state !== 'done') });
    },
  };
}
