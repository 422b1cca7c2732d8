'use client';
import {
  createStore,
  type Destination,
  type FileSource,
  type RuleViolation,
  type SafelightProblem,
  type Store,
  type UploadResult,
  type UploadSnapshot,
  type UploadState,
  type UploadTask,
} from '@safelight/client';

import { previewOf, releasePreview } from './preview.ts';

export type FileState = 'looked-at' | 'held' | 'waiting' | UploadState;

/**
 * A file that was chosen. It is `looked-at` while the rules are asked about it, and `held` when they have something against it until
 * somebody starts or removes it; then it is `waiting` for its turn, and goes the way of every upload.
 */
export type FileUpload = {
  readonly id: string;
  readonly source: FileSource;
  readonly name: string;
  readonly type: string;
  readonly destination: Destination;
  /** The record whose place it takes, if so. */
  readonly replaces: string | null;
  readonly state: FileState;
  /** Over both phases, bytes and then processing: 0–1, and 1 only when it is done; null while nobody can know. */
  readonly progress: number | null;
  readonly error: SafelightProblem | null;
  /** What the rules have against it. */
  readonly advice: RuleViolation | null;
  readonly result: UploadResult | null;
  /** An address of the picture itself, for as long as it is listed; null where it is none. Not every browser can draw it. */
  readonly preview: string | null;
  /** What its upload says in full, once it has begun. */
  readonly task: UploadSnapshot | null;
  readonly abort: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Uploads a held file nevertheless, or a failed one again. */
  readonly retry: () => void;
  /** Aborts it if it is under way, and forgets it. */
  readonly remove: () => void;
};

export type UploadsSnapshot = {
  files: readonly FileUpload[];
  isUploading: boolean;
  /** Of everything that was added since nothing was under way, weighed by size. Null while nobody can know. */
  progress: number | null;
  error: SafelightProblem | null;
};

export type FileOptions = { destination?: Destination | undefined; replaces?: string | undefined };
export type StartUpload = (source: FileSource, destination: Destination, replaces: string | undefined) => UploadTask;
export type UploadsOptions = {
  start: StartUpload;
  /** Of a file that says no other. */
  destination?: (() => Destination) | undefined;
  /** Asked before a file is sent; what it answers holds it. */
  check?: ((source: FileSource, destination: Destination) => Promise<RuleViolation | null>) | undefined;
  /** Files whose bytes move at once: enough to fill a connection, few enough that each one gets somewhere. Default 3. */
  atOnce?: number | undefined;
};

export type Uploads = Store<UploadsSnapshot> & {
  add: (files: Iterable<FileSource>, options?: FileOptions) => FileUpload[];
  /** Adds one and resolves once it can be shown. */
  upload: (file: FileSource, options?: FileOptions) => Promise<UploadResult>;
  /** Aborts everything that is under way. */
  abort: () => void;
  /** Forgets what has ended, well or not. */
  reset: () => void;
  /** Aborts and forgets everything. May be used again afterwards. */
  dispose: () => void;
};

type Entry = { task: UploadTask | null; settle: { resolve: (result: UploadResult) => void; reject: (error: unknown) => void } | null; batch: number };

const isActive = ({ state }: FileUpload): boolean => state !== 'held' && state !== 'done' && state !== 'failed' && state !== 'aborted';
/** From the moment that the server has all bytes, the rest goes on without this page. */
const holdsSlot = (state: UploadState): boolean => state === 'checking' || state === 'uploading';
/** Leaving the page now would lose it. */
export const isUnsent = (file: FileUpload): boolean => isActive(file) && file.state !== 'processing';

/** What was chosen to be uploaded, in order. Lives where it is made, so that a page which goes away need not interrupt it. */
export function createUploads({ start, destination, check, atOnce = 3 }: UploadsOptions): Uploads {
  const { change, subscribe, getSnapshot } = createStore<UploadsSnapshot>({ files: [], isUploading: false, progress: null, error: null });
  const entries = new Map<string, Entry>();
  const sending = new Set<UploadTask>();
  let last = 0;
  let batch = 0;
  /** One file after the other: hundreds may have been chosen. */
  let looked: Promise<void> = Promise.resolve();

  const find = (id: string): FileUpload | undefined => getSnapshot().files.find((file) => file.id === id);
  const show = (files: readonly FileUpload[]): void => {
    const own = files.filter((file) => entries.get(file.id)?.batch === batch);
    change({
      files,
      isUploading: files.some(isActive),
      progress: progressOf(own),
      error: own.find(({ error }) => error !== null)?.error ?? null,
    });
  };
  const update = (id: string, part: Partial<FileUpload>): void => show(getSnapshot().files.map((file) => (file.id === id ? { ...file, ...part } : file)));

  const startNext = (): void => {
    while (sending.size < atOnce) {
      const next = getSnapshot().files.find(({ state }) => state === 'waiting');
      if (!next) return;
      follow(next.id, start(next.source, next.destination, next.replaces ?? undefined));
    }
  };

  const follow = (id: string, task: UploadTask): void => {
    const entry = entries.get(id);
    if (!entry) return;
    entry.task = task;
    sending.add(task);
    const tell = (): void => {
      if (entries.get(id)?.task !== task) return;
      const snapshot = task.getSnapshot();
      update(id, { state: snapshot.state, task: snapshot, progress: wholeProgress(snapshot), error: snapshot.error });
      if (!holdsSlot(snapshot.state) && sending.delete(task)) startNext();
    };
    const stop = task.subscribe(tell);
    tell();
    void task.result
      .then(
        (result) => {
          if (entries.get(id)?.task === task) update(id, { result });
          entry.settle?.resolve(result);
        },
        (error: unknown) => entry.settle?.reject(error),
      )
      .finally(() => {
        stop();
        if (sending.delete(task)) startNext();
      });
  };

  const look = async ({ id, source, destination: to }: FileUpload): Promise<void> => {
    const advice = (await check?.(source, to).catch(() => null)) ?? null;
    if (find(id)?.state !== 'looked-at') return;
    update(id, { advice, state: advice ? 'held' : 'waiting' });
    startNext();
  };

  const forget = (gone: readonly FileUpload[]): void => {
    const ids = new Set(gone.map(({ id }) => id));
    for (const { id, preview } of gone) {
      const entry = entries.get(id);
      entries.delete(id);
      releasePreview(preview);
      entry?.task?.abort(removed());
      entry?.settle?.reject(removed());
    }
    if (gone.length > 0) show(getSnapshot().files.filter(({ id }) => !ids.has(id)));
    startNext();
  };

  const make = (source: FileSource, { destination: given, replaces }: FileOptions): FileUpload => {
    last += 1;
    const id = `file-${last}`;
    const restart = (): void => {
      if (find(id)?.state === 'held' || find(id)?.state === 'failed' || find(id)?.state === 'aborted') {
        update(id, { state: 'waiting', error: null, task: null, progress: null });
        startNext();
      }
    };
    const abort = (): void => {
      const entry = entries.get(id);
      if (entry?.task) entry.task.abort(removed());
      else if (entry) {
        update(id, { state: 'aborted' });
        entry.settle?.reject(removed());
      }
    };
    return {
      id,
      source,
      name: 'name' in source && typeof source.name === 'string' ? source.name : 'upload',
      type: source.type ?? '',
      destination: given ?? destination?.() ?? {},
      replaces: replaces ?? null,
      state: check ? 'looked-at' : 'waiting',
      progress: null,
      error: null,
      advice: null,
      result: null,
      preview: previewOf(source),
      task: null,
      abort,
      pause: () => entries.get(id)?.task?.pause(),
      resume: () => entries.get(id)?.task?.resume(),
      retry: restart,
      remove: () => forget([find(id)].filter((file) => file !== undefined)),
    };
  };

  const add = (sources: Iterable<FileSource>, options: FileOptions = {}): FileUpload[] => {
    if (!getSnapshot().isUploading) batch += 1;
    const added = Array.from(sources, (source) => make(source, options));
    for (const { id } of added) entries.set(id, { task: null, settle: null, batch });
    show([...getSnapshot().files, ...added]);
    if (check) for (const file of added) looked = looked.then(() => look(file));
    return added;
  };

  const uploads: Uploads = {
    subscribe,
    getSnapshot,
    add(sources, options) {
      const added = add(sources, options);
      startNext();
      return added;
    },
    upload(source, options) {
      const [file] = add([source], options);
      const result = new Promise<UploadResult>((resolve, reject) => {
        const entry = entries.get(file?.id ?? '');
        if (entry) entry.settle = { resolve, reject };
      });
      // Code that only watches the state is not to be told of an unhandled rejection besides.
      result.catch(() => undefined);
      startNext();
      return result;
    },
    abort: () =>
      getSnapshot()
        .files.filter(isActive)
        .forEach((file) => file.abort()),
    reset: () => forget(getSnapshot().files.filter((file) => !isActive(file))),
    dispose: () => forget(getSnapshot().files),
  };
  behind.set(uploads.upload, uploads);
  return uploads;
}

/** A component that is given only the function finds the rest. */
const behind = new WeakMap<object, Uploads>();
export const uploadsBehind = (upload: object | undefined): Uploads | undefined => upload && behind.get(upload);

const removed = (): Error => new DOMExceptionLike('The upload was aborted.');

/** As `DOMException`, which React Native lacks. */
class DOMExceptionLike extends Error {
  override readonly name = 'AbortError';
}

/** Half of it is the bytes, half what the server makes of them; what is not known of the second counts as nothing. */
function wholeProgress({ state, progress, bytesSent }: UploadSnapshot): number | null {
  if (state === 'done') return 1;
  if (state === 'uploading') return progress === null && bytesSent === 0 ? null : (progress ?? 0) / 2;
  if (state === 'processing') return Math.min(0.99, 0.5 + (progress ?? 0) / 2);
  return null;
}

const weightOf = ({ source }: FileUpload): number => ('size' in source ? Math.max(1, source.size) : 1);

function progressOf(files: readonly FileUpload[]): number | null {
  const counted = files.filter((file) => isActive(file) || file.state === 'done');
  if (counted.every(({ progress }) => progress === null)) return null;
  const total = counted.reduce((sum, file) => sum + weightOf(file), 0);
  const value = counted.reduce((sum, file) => sum + weightOf(file) * (file.progress ?? 0), 0) / total;
  return counted.every(({ state }) => state === 'done') ? 1 : Math.min(0.99, value);
}
