'use client';
import type { RuleViolation, UploadResult } from '@safelight/client';

import { isActive, type FileOptions, type FileUpload } from './file-upload.ts';
import { releasePreview } from './preview.ts';
import type { Entry, Queue } from './upload-queue.ts';

type Facts = Pick<FileUpload, 'id' | 'source' | 'destination' | 'replaces' | 'state' | 'preview'>;

/** A chosen file, with its actions. */
export function makeEntry(queue: Queue, facts: Facts, { onComplete, onError }: FileOptions): Entry {
  const { source } = facts;
  let [resolve, reject]: [Entry['resolve'], Entry['reject']] = [() => undefined, () => undefined];
  const result = new Promise<UploadResult>((...settle) => ([resolve, reject] = settle));
  // Code that only watches the state must not also get an unhandled rejection.
  result.catch(() => undefined);
  const entry: Entry = {
    file: {
      ...facts,
      name: (source as { name?: string }).name ?? 'upload',
      type: source.type ?? '',
      progress: null,
      error: null,
      advice: null,
      result: null,
      task: null,
      abort: () => abort(queue, entry),
      pause: () => entry.task?.pause(),
      resume: () => entry.task?.resume(),
      retry: () => retry(queue, entry),
      hold: (advice) => hold(queue, entry, advice),
      remove: () => forget(queue, [entry]),
    },
    task: null,
    isPast: false,
    result,
    resolve(value) {
      resolve(value);
      onComplete?.(value, entry.file);
    },
    reject(error) {
      reject(error);
      onError?.(error, entry.file);
    },
  };
  return entry;
}

function abort({ update }: Queue, entry: Entry): void {
  if (entry.task) return entry.task.abort(aborted());
  if (entry.file.state === 'aborted') return;
  update(entry, { state: 'aborted' });
  entry.reject(aborted());
}

function hold({ update, startNext }: Queue, entry: Entry, advice: RuleViolation | null): void {
  // The user may have started or removed it meanwhile.
  if (entry.file.state !== 'looked-at' && entry.file.state !== 'held') return;
  update(entry, { advice, state: advice ? 'held' : 'waiting' });
  startNext();
}

function retry({ update, startNext }: Queue, entry: Entry): void {
  if (isActive(entry.file) || entry.file.state === 'done') return;
  entry.task = null;
  update(entry, { state: 'waiting', error: null, task: null, progress: null });
  startNext();
}

/** Aborts its running upload. */
export function forget(queue: Queue, gone: readonly Entry[]): void {
  for (const entry of gone) {
    queue.entries.delete(entry);
    releasePreview(entry.file.preview);
    abort(queue, entry);
  }
  queue.tell();
  queue.startNext();
}

/** Looks like a `DOMException`, which React Native lacks. */
const aborted = (): Error => Object.assign(new Error('The upload was aborted.'), { name: 'AbortError' });
