'use client';
import type { UploadResult, UploadState, UploadTask } from '@safelight/client';

import { isActive, progressOf, wholeProgress, type FileUpload, type UploadsOptions, type UploadsSnapshot } from './file-upload.ts';

/** A file, its current upload, and the promise of its result. */
export type Entry = {
  file: FileUpload;
  task: UploadTask | null;
  /** The queue was idle when later files were added, so this file does not count in their progress. */
  isPast: boolean;
  result: Promise<UploadResult>;
  resolve: (result: UploadResult) => void;
  reject: (error: unknown) => void;
};

/** Once the server has all bytes, processing continues without this page. */
const holdsSlot = (state: UploadState): boolean => state === 'checking' || state === 'uploading';

export type Queue = {
  entries: Set<Entry>;
  /** Publishes the state of all files. */
  tell: () => void;
  update: (entry: Entry, part: Partial<FileUpload>) => void;
  /** Starts waiting files, as far as the limit allows. */
  startNext: () => void;
};

/** Files in order, of which a few are sent at once. */
export function createQueue(options: UploadsOptions, change: (snapshot: UploadsSnapshot) => void): Queue {
  const entries = new Set<Entry>();
  const sending = new Set<UploadTask>();

  const tell = (): void => {
    const files = [...entries].map(({ file }) => file);
    const own = [...entries].filter(({ isPast }) => !isPast).map(({ file }) => file);
    change({ files, isUploading: files.some(isActive), progress: progressOf(own), error: own.find(({ error }) => error)?.error ?? null });
  };
  const update = (entry: Entry, part: Partial<FileUpload>): void => {
    entry.file = { ...entry.file, ...part };
    if (entries.has(entry)) tell();
  };
  const startNext = (): void => {
    for (const entry of entries) if (sending.size < (options.atOnce ?? 3) && entry.file.state === 'waiting') follow(entry);
  };
  const follow = (entry: Entry): void => {
    const { source, destination, replaces } = entry.file;
    const task = (entry.task = options.start(source, destination, replaces ?? undefined));
    const isStill = (): boolean => entry.task === task;
    const makeRoom = (): void => void (sending.delete(task) && startNext());
    sending.add(task);
    const look = (): void => {
      const snapshot = task.getSnapshot();
      const { state, error } = snapshot;
      if (isStill()) update(entry, { state, error, task: snapshot, progress: wholeProgress(snapshot) });
      if (!holdsSlot(state)) makeRoom();
    };
    const leave = task.subscribe(look);
    look();
    void task.result
      .then((result) => {
        if (isStill()) update(entry, { result });
        entry.resolve(result);
      }, entry.reject)
      .finally(() => {
        leave();
        makeRoom();
      });
  };
  return { entries, tell, update, startNext };
}
