import { createStore, SafelightProblem, untouched, type UploadResult, type UploadSnapshot, type UploadTask } from '@safelight/client';
import { expect, test } from 'vitest';

import { createUploads } from './uploads.ts';

/** Uploads controlled by the test. */
function uploads(options: Partial<Parameters<typeof createUploads>[0]> = {}) {
  const started: { name: string; change: (part: Partial<UploadSnapshot>) => void; done: () => void; fail: (error: Error) => void; isAborted: () => boolean }[] =
    [];
  const made = createUploads({
    start: (source) => {
      const { change, subscribe, getSnapshot } = createStore<UploadSnapshot>({ ...untouched, state: 'uploading', progress: 0 });
      let settle: { resolve: (result: UploadResult) => void; reject: (error: unknown) => void } | undefined;
      const result = new Promise<UploadResult>((resolve, reject) => (settle = { resolve, reject }));
      result.catch(() => undefined);
      let isAborted = false;
      started.push({
        name: (source as File).name,
        change,
        done: () => {
          change({ state: 'done', progress: 1 });
          settle?.resolve({ url: '/a', path: 'a', media: {} } as unknown as UploadResult);
        },
        fail: (error) => {
          change({ state: 'failed', error: error as SafelightProblem });
          settle?.reject(error);
        },
        isAborted: () => isAborted,
      });
      const abort = (reason?: unknown): void => {
        isAborted = true;
        change({ state: 'aborted' });
        settle?.reject(reason);
      };
      return { subscribe, getSnapshot, result, abort, pause: () => change({ isPaused: true }), resume: () => change({ isPaused: false }) } satisfies UploadTask;
    },
    ...options,
  });
  return { made, started, files: () => made.getSnapshot().files };
}
const file = (name: string, bytes = 10): File => new File(['x'.repeat(bytes)], name, { type: 'text/plain' });
const problem = (detail: string): SafelightProblem => new SafelightProblem({ code: 'internal', status: 500, title: 'No', detail });

test('of many files three are sent at once, and the next begins when the server has the bytes of one', () => {
  const { made, started } = uploads();
  made.add(['a', 'b', 'c', 'd', 'e'].map((name) => file(name)));
  expect(started.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  started[1]?.change({ state: 'processing', progress: null });
  expect(started.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
});

test('progress is null while it is unknown, covers both phases by size, and is 1 only when everything is done', async () => {
  const { made, started } = uploads();
  const progress = (): number | null => made.getSnapshot().progress;
  expect(progress()).toBeNull();
  const results = Promise.all([made.upload(file('small', 10)), made.upload(file('large', 90))]);
  started[0]?.done();
  expect(progress()).toBeCloseTo(0.1);
  started[1]?.change({ progress: 1, bytesSent: 90 });
  expect(progress()).toBeCloseTo(0.55);
  started[1]?.change({ state: 'processing', progress: 1 });
  expect(progress()).toBeLessThan(1);
  started[1]?.done();
  expect(progress()).toBe(1);
  expect((await results).map(({ path }) => path)).toEqual(['a', 'a']);
  made.add([file('next')]);
  expect(progress()).toBeLessThan(1);
});

test('a failed file can be retried, and one that waits for its retry can still be cancelled', async () => {
  const { made, started, files } = uploads({ atOnce: 1 });
  const [first] = made.add([file('a'), file('b')]);
  started[0]?.fail(problem('It broke.'));
  await expect.poll(() => started.length).toBe(2);
  expect(made.getSnapshot().error?.detail).toBe('It broke.');
  first?.retry();
  expect(files()[0]).toMatchObject({ state: 'waiting', error: null });
  first?.abort();
  expect(files()[0]?.state).toBe('aborted');
  started[1]?.done();
  await expect.poll(() => made.getSnapshot().isUploading).toBe(false);
  expect(started.length).toBe(2);
  first?.retry();
  expect(started.length).toBe(3);
});

test('a dismissed upload is aborted, frees its slot, and rejects as aborted; nothing of it is shown later', async () => {
  const { made, started, files } = uploads({ atOnce: 1 });
  const given = made.upload(file('a'));
  made.add([file('b')]);
  files()[0]?.remove();
  expect(started[0]?.isAborted()).toBe(true);
  await expect(given).rejects.toMatchObject({ name: 'AbortError', message: 'The upload was aborted.' });
  await expect.poll(() => started.length).toBe(2);
  started[0]?.change({ state: 'done' });
  expect(files().map(({ name }) => name)).toEqual(['b']);
  made.dispose();
  expect(made.getSnapshot()).toEqual({ files: [], isUploading: false, progress: null, error: null });
});

test('a file that violates the rules is held until somebody starts it', async () => {
  const advice = { code: 'file_too_large', detail: 'At most 5 bytes.' } as const;
  const { made, started, files } = uploads({
    check: async (source) => await Promise.resolve((source as File).size > 5 ? (advice as never) : null),
  });
  made.add([file('large', 9), file('small', 1)]);
  await expect.poll(() => files().map(({ state }) => state)).toEqual(['held', 'uploading']);
  expect(files()[0]?.advice?.detail).toBe('At most 5 bytes.');
  files()[0]?.retry();
  expect(started.map(({ name }) => name)).toEqual(['small', 'large']);
});

test('a file that fails and is uploaded by a retry is told of, each end once, and an abort as an error', async () => {
  const { made, started } = uploads({ atOnce: 2 });
  const told: string[] = [];
  const [first, second] = made.add([file('a'), file('b')], {
    onComplete: ({ path }, { name, state }) => void told.push(`${name} ${state} ${path}`),
    onError: (error, { name }) => void told.push(`${name} ${(error as Error).message}`),
  });
  started[0]?.fail(problem('It broke.'));
  await expect.poll(() => told).toEqual(['a It broke.']);
  first?.retry();
  started[2]?.done();
  await expect.poll(() => told).toEqual(['a It broke.', 'a done a']);
  second?.abort();
  second?.remove();
  await expect.poll(() => told.length).toBe(3);
  first?.remove();
  expect(told[2]).toBe('b The upload was aborted.');
  expect(made.getSnapshot().files).toEqual([]);
});

test('the files of two queues on one page have ids of their own', () => {
  const ids = [uploads(), uploads()].flatMap(({ made }) => made.add([file('a'), file('b')]).map(({ id }) => id));
  expect(new Set(ids).size).toBe(4);
});

test('no files are added without a word, and a thousand are told of together', () => {
  const { made, files } = uploads();
  let changes = 0;
  made.subscribe(() => (changes += 1));
  expect(made.add([])).toEqual([]);
  expect(made.getSnapshot()).toMatchObject({ isUploading: false, progress: null });
  changes = 0;
  made.add(Array.from({ length: 1000 }, (_, index) => file(`${index}`)));
  expect(files().length).toBe(1000);
  expect(changes, 'one for all, and one for each that began').toBeLessThan(10);
});
