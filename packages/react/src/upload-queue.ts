'use client';
import type { UploadResult, UploadState, UploadTask } from '@safelight/client';

import { isActive, progressOf, wholeProgress, type FileUpload, type UploadsOptions, type UploadsSnapshot } from './file-upload.ts';

/** A file, the upload that it has at the moment, and who waits for it. */
export type Entry = {
  file: FileUpload;
  task: UploadTask | null;
  /** Nothing was under way any more when others were added: how far those are is not to be told by this one. */
  isPast: boolean;
  result: Promise<UploadResult>;
  resolve: (result: UploadResult) => void;
  reject: (error: unknown) => void;
};

/** From the moment that the server has all bytes, the rest goes on without this page. */
const holdsSlot = (state: UploadState): boolean => state === 'checking' || state === 'uploading';

export type Queue = {
  entries: Set<Entry>;
  /** Says how all of them are. */
  tell: () => void;
  update: (entry: Entry, part: Partial<FileUpload>) => void;
  /** Whatever waits, as far as there is room. */
  startNext: () => void;
};

/** Files in their order, of which a few move at once. */
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
