import { createStore, type Client, type Store, type UploadTask } from '@safelight/client';
import type { FileFacts, RuleViolation } from '@safelight/contract/check-media-rules';
import type { MediaRules } from '@safelight/contract/media-rules';
import type { Destination } from '@safelight/contract/uploads';

import type { PictureHeader } from './read-picture-header.ts';

/**
 * A file that was chosen. It is `looked-at` for a moment; then it is `waiting` for its turn, or, when the rules have something
 * against it, `held`: the server would refuse it by the same check. Then it is `started` and its task tells the rest.
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
  /** Uploads a failed or cancelled file again. */
  start: (key: number) => void;
  /** Aborts it if it is under way, and forgets it. */
  remove: (key: number) => void;
  /** Forgets what has ended well. */
  clearDone: () => void;
  /** Forgets what is held back, and what the server has refused. */
  leaveOutRefused: () => void;
  /** Holds what is held back against the rules as they are now: they may have changed in its favour. */
  checkAgain: (all: readonly MediaRules[]) => void;
};

/** It has not arrived, and nothing that this page does makes it arrive. */
export const isRefused = ({ stage, task }: UploadItem): boolean => stage === 'held' || task?.getSnapshot().state === 'failed';

/** Leaving the page now would lose it. */
export const isUnsent = ({ stage, task }: UploadItem): boolean => stage === 'looked-at' || stage === 'waiting' || (task !== null && holdsSlot(task));

/** From the moment that the server has all bytes, the rest goes on without this page. */
function holdsSlot(task: UploadTask): boolean {
  const { state } = task.getSnapshot();
  return state === 'checking' || state === 'uploading';
}

const newItem = (key: number, file: File, destination: Destination, replaces: string | null = null): UploadItem => ({
  key,
  file,
  destination,
  replaces,
  stage: 'looked-at',
  advice: null,
  task: null,
});

function onceSent(task: UploadTask, then: () => void): void {
  const stop = task.subscribe(() => {
    if (holdsSlot(task)) return;
    stop();
    then();
  });
}

/** What is known of a file before it is sent. */
const factsOf = (file: File, header: PictureHeader | null): FileFacts => ({
  type: file.type === '' ? undefined : file.type,
  bytes: file.size,
  ...(header === null ? {} : { width: header.width, height: header.height }),
});

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
  const keep = (wanted: (item: UploadItem) => boolean): void => change({ items: getSnapshot().items.filter(wanted) });

  const startNext = (): void => {
    while (under.size < atOnce) {
      const next = getSnapshot().items.find(({ stage }) => stage === 'waiting');
      if (!next) return;
      const task = client.upload(next.file, next.destination, next.replaces === null ? {} : { replaces: next.replaces });
      under.add(task);
      update(next.key, { stage: 'started', task });
      onceSent(task, () => {
        under.delete(task);
        startNext();
      });
    }
  };

  const lookAt = async ({ key, file }: UploadItem, rules: MediaRules): Promise<void> => {
    const advice = client.rules.check(rules, factsOf(file, await readHeader(file).catch(() => null)));
    const stage = find(key)?.stage;
    if (stage !== 'looked-at' && stage !== 'held') return;
    update(key, { advice, stage: advice ? 'held' : 'waiting' });
    startNext();
  };

  return {
    subscribe,
    getSnapshot,
    add(files, destination, rules, replaces) {
      const added = Array.from(files, (file) => newItem((lastKey += 1), file, destination, replaces));
      change({ items: [...getSnapshot().items, ...added] });
      for (const item of added) looked = looked.then(() => lookAt(item, rules));
    },
    start(key) {
      update(key, { stage: 'waiting', task: null });
      startNext();
    },
    remove(key) {
      find(key)?.task?.abort();
      keep((item) => item.key !== key);
    },
    leaveOutRefused: () => keep((item) => !isRefused(item)),
    checkAgain(all) {
      for (const item of getSnapshot().items.filter(({ stage }) => stage === 'held')) {
        const rules = all.find(({ collection }) => collection === item.destination.collection);
        if (rules) looked = looked.then(() => lookAt(item, rules));
      }
    },
    clearDone: () => keep(({ task }) => task?.getSnapshot().state !== 'done'),
  };
}
