'use client';
import type { Destination, FileSource, RuleViolation, SafelightProblem, Store, UploadResult, UploadSnapshot, UploadState, UploadTask } from '@safelight/client';

export type FileState = 'looked-at' | 'held' | 'waiting' | UploadState;

/**
 * A chosen file: `looked-at` while the rules are checked, `held` if they refuse it, until the user starts or
 * removes it; then `waiting` for its turn, then the states of every upload.
 */
export type FileUpload = {
  readonly id: string;
  readonly source: FileSource;
  readonly name: string;
  readonly type: string;
  readonly destination: Destination;
  /** The record that it replaces, if any. */
  readonly replaces: string | null;
  readonly state: FileState;
  /** Sending and processing together: 0–1, and 1 only when done; null while unknown. */
  readonly progress: number | null;
  readonly error: SafelightProblem | null;
  /** Why the rules refuse it. */
  readonly advice: RuleViolation | null;
  readonly result: UploadResult | null;
  /**
   * An object URL of the picture while it is listed. Not every browser can display it, and a hostile file may take minutes to decode: `FilePreview` of
   * `@safelight/react/files` shows the picture only if neither is so.
   */
  readonly preview: string | null;
  /** The complete state of its upload, once it has begun. */
  readonly task: UploadSnapshot | null;
  readonly abort: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Uploads a held file in spite of the rules, or retries a failed one. */
  readonly retry: () => void;
  /** Holds a file that has not begun; without a reason, releases it. */
  readonly hold: (advice: RuleViolation | null) => void;
  /** Aborts it if needed, and removes it from the list. */
  readonly remove: () => void;
};

export type UploadsSnapshot = {
  files: readonly FileUpload[];
  isUploading: boolean;
  /** Of all files added since the queue was last idle, weighted by size. Null while unknown. */
  progress: number | null;
  error: SafelightProblem | null;
};

/** @internal */
export const noUploads: UploadsSnapshot = { files: [], isUploading: false, progress: null, error: null };

export type FileOptions = {
  destination?: Destination | undefined;
  replaces?: string | null | undefined;
  /** Also called when a failed file is uploaded by a retry, which the promise of `upload` does not tell. */
  onComplete?: ((result: UploadResult, file: FileUpload) => void) | undefined;
  /** Called with each failure and each abort. */
  onError?: ((error: unknown, file: FileUpload) => void) | undefined;
};
export type StartUpload = (source: FileSource, destination: Destination, replaces: string | undefined) => UploadTask;
/** Read when needed, so that changes of its fields take effect. */
export type UploadsOptions = {
  start: StartUpload;
  /** The destination of a file that names no other. */
  destination?: (() => Destination) | undefined;
  /** Called before a file is sent; if it returns a reason, the file is held. */
  check?: ((source: FileSource, destination: Destination) => Promise<RuleViolation | null> | undefined) | undefined;
  /** How many files are sent at once. Default 3. */
  atOnce?: number | undefined;
};

export type Uploads = Store<UploadsSnapshot> & {
  add: (files: Iterable<FileSource>, options?: FileOptions) => FileUpload[];
  /** Adds a file and resolves once it can be shown. */
  upload: (file: FileSource, options?: FileOptions) => Promise<UploadResult>;
  /** Aborts all running uploads. */
  abort: () => void;
  /** Removes files that have ended, successful or not. */
  reset: () => void;
  /** Aborts and removes everything. Can be used again afterwards. */
  dispose: () => void;
};

const resting: readonly FileState[] = ['held', 'done', 'failed', 'aborted'];
/** @internal */
export const isActive = ({ state }: FileUpload): boolean => !resting.includes(state);
/** The states in which leaving the page would lose the upload. */
export const isUnsent = (file: FileUpload): boolean => isActive(file) && file.state !== 'processing';

/**
 * Half of the progress is sending, half is processing; unknown processing progress counts as zero.
 * @internal
 */
export function wholeProgress({ state, progress, bytesSent }: UploadSnapshot): number | null {
  if (state === 'done') return 1;
  if (state === 'uploading') return progress === null && bytesSent === 0 ? null : (progress ?? 0) / 2;
  if (state === 'processing') return Math.min(0.99, 0.5 + (progress ?? 0) / 2);
  return null;
}

/** @internal */
export function progressOf(files: readonly FileUpload[]): number | null {
  const counted = files.filter((file) => isActive(file) || file.state === 'done');
  let total = 0;
  let sum = 0;
  for (const { source, progress } of counted) {
    const weight = 'size' in source ? Math.max(1, source.size) : 1;
    total += weight;
    sum += weight * (progress ?? 0);
  }
  if (counted.every(({ progress }) => progress === null)) return null;
  return sum < total ? Math.min(0.99, sum / total) : 1;
}
