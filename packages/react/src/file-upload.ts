'use client';
import type { Destination, FileSource, RuleViolation, SafelightProblem, Store, UploadResult, UploadSnapshot, UploadState, UploadTask } from '@safelight/client';

export type FileState = 'looked-at' | 'held' | 'waiting' | UploadState;

/**
 * A file that was chosen: `looked-at` while the rules are asked, `held` when they have something against it, until somebody starts or
 * removes it; then `waiting` for its turn, and then as every upload.
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
  /** An address of the picture, for as long as it is listed. Not every browser can draw it. */
  readonly preview: string | null;
  /** What its upload says in full, once it has begun. */
  readonly task: UploadSnapshot | null;
  readonly abort: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Uploads a held file nevertheless, or a failed one again. */
  readonly retry: () => void;
  /** Holds one that has not begun, for this reason; or lets it go on its way, where there is none. */
  readonly hold: (advice: RuleViolation | null) => void;
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

/** @internal */
export const noUploads: UploadsSnapshot = { files: [], isUploading: false, progress: null, error: null };

export type FileOptions = { destination?: Destination | undefined; replaces?: string | null | undefined };
export type StartUpload = (source: FileSource, destination: Destination, replaces: string | undefined) => UploadTask;
/** Read when they are needed: an object whose fields change is followed. */
export type UploadsOptions = {
  start: StartUpload;
  /** Of a file that says no other. */
  destination?: (() => Destination) | undefined;
  /** Asked before a file is sent; what it answers holds it. */
  check?: ((source: FileSource, destination: Destination) => Promise<RuleViolation | null> | undefined) | undefined;
  /** Files whose bytes move at once. Default 3. */
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

const resting: readonly FileState[] = ['held', 'done', 'failed', 'aborted'];
/** @internal */
export const isActive = ({ state }: FileUpload): boolean => !resting.includes(state);
/** Leaving the page now would lose it. */
export const isUnsent = (file: FileUpload): boolean => isActive(file) && file.state !== 'processing';

/**
 * Half of it is the bytes, half what the server makes of them; what is not known of the second counts as nothing.
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
