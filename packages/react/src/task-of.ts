'use client';
import { asProblem, createStore, untouched, type UploadResult, type UploadSnapshot, type UploadTask } from '@safelight/client';

/** Wraps a function that uploads without reporting progress as an upload task with the states that can be known. */
export function taskOf(upload: () => Promise<unknown>): UploadTask {
  const { change, subscribe, getSnapshot } = createStore<UploadSnapshot>({ ...untouched, state: 'uploading' });
  let stop = (_reason: unknown): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => (stop = reject));
  const abort = (reason?: unknown): void => {
    if (getSnapshot().state !== 'uploading') return;
    change({ state: 'aborted' });
    stop(reason);
  };
  const run = async (): Promise<UploadResult> => {
    try {
      const result = await Promise.race([upload(), aborted]);
      change({ state: 'done', progress: 1 });
      return result as UploadResult;
    } catch (error) {
      if (getSnapshot().state === 'uploading') change({ state: 'failed', error: asProblem(error) });
      throw error;
    }
  };
  const result = run();
  result.catch(() => undefined);
  return { subscribe, getSnapshot, result, abort, pause: () => undefined, resume: () => undefined };
}
