import type { Destination, Media, MediaRules } from '@safelight/contract/api';
import type { RuleViolation } from '@safelight/contract/check-media-rules';

import type { EventHub } from '../event-hub.ts';
import { asProblem, type SafelightProblem } from '../problem.ts';
import type { Connection } from '../request.ts';
import { retry, type Patience } from '../retry.ts';
import type { rulesResource } from '../rules.ts';
import { createStore, type Store } from '../store.ts';
import { uploadDirect } from './direct.ts';
import { readSource, type FileSource } from './file-source.ts';
import { followMedia } from './follow-media.ts';
import { createGate } from './gate.ts';
import { partsFromBytes, uploadInParts } from './in-parts.ts';
import { uploadPresigned } from './presigned.ts';
import type { UploadProtocol } from './protocol.ts';
import { browserResumeStore, type ResumeStore } from './resume-store.ts';
import { uploadReplacement } from './replacement.ts';

/**
 * An upload is `checking` its file against the collection's rules, then `uploading` bytes, then `processing` on the server, and
 * ends as `done`, `failed` or `aborted`. Inline collections answer with the ready record and skip `processing`.
 */
export type UploadState = 'checking' | 'uploading' | 'processing' | 'done' | 'failed' | 'aborted';

export type UploadSnapshot = {
  state: UploadState;
  /** The progress of the current state, 0–1; null while it is unknown. Never estimated. */
  progress: number | null;
  bytesSent: number;
  bytesTotal: number;
  /** What the server is doing, in its own words. */
  message: string | null;
  /** Why the rules refuse the file, as far as the client knows them. The server makes the decision. */
  advice: RuleViolation | null;
  media: Media | null;
  error: SafelightProblem | null;
  isPaused: boolean;
  /** What the upload waits for before it continues by itself; `message` says so in words. Null while it does not wait. */
  waitingFor: 'network' | 'server' | null;
};

export type UploadResult = { url: string | null; path: string | null; media: Media };

export type UploadTask = Store<UploadSnapshot> & {
  /** Rejects with the `SafelightProblem` of the failure, or with the reason of the abort. */
  readonly result: Promise<UploadResult>;
  /** Stops sending. If the server has already accepted the file, it stays there: delete the record, or cancel its job. */
  abort: (reason?: unknown) => void;
  /** Stops sending until `resume`. A file in a single request is sent to its end. */
  pause: () => void;
  resume: () => void;
};

export type UploadOptions = {
  signal?: AbortSignal | undefined;
  /** The name of the file, if the source has none or you want another one. */
  filename?: string | undefined;
  /** Where uploads in parts are stored, to continue when the same file is chosen again. Default: IndexedDB. */
  resumeStore?: ResumeStore | undefined;
  idempotencyKey?: string | undefined;
  /** The id of the record that it replaces once it may be shown. */
  replaces?: string | undefined;
};

/** A tunnel, a lift or a restart of the server is no reason to bother the user. */
const outageMs = 600_000;

/** @internal */
type Parts = { connection: Connection; hub: EventHub; rules: ReturnType<typeof rulesResource> };

/** The state of an upload before anything is known. */
export const untouched: UploadSnapshot = {
  state: 'checking',
  progress: null,
  bytesSent: 0,
  bytesTotal: 0,
  message: null,
  advice: null,
  media: null,
  error: null,
  isPaused: false,
  waitingFor: null,
};

/**
 * Starts at once; the task reports the progress and the result.
 * @internal
 */
export function startUpload({ connection, hub, rules }: Parts, source: FileSource, given: Destination, options: UploadOptions = {}): UploadTask {
  const own = new AbortController();
  const { signal } = own;
  const abort = (reason?: unknown): void => own.abort(reason);
  const unlink = linkTo(options.signal, abort);
  const { change: set, ...store } = createStore<UploadSnapshot>({ ...untouched, bytesTotal: source instanceof Blob ? source.size : 0 });
  const change = (part: Partial<UploadSnapshot>): void => void (signal.aborted || set(part));
  const gate = createGate(signal);

  const onWait = (problem: SafelightProblem | null): void => {
    if (problem !== null) change(waitFor(problem));
    else if (store.getSnapshot().waitingFor !== null) change({ waitingFor: null, message: null });
  };
  const patience: Patience = { forMs: outageMs, onWait };

  const run = async (): Promise<UploadResult> => {
    const { blob, filename } = await readSource(source, options.filename);
    change({ bytesTotal: blob.size });
    const collectionRules = await retry(() => rules.readRecent(given.collection ?? null, { retries: 0 }), { retries: 0, patience, signal });
    signal.throwIfAborted();
    const destination = { ...given, collection: collectionRules.collection };
    change({ advice: rules.check(collectionRules, { type: blob.type === '' ? undefined : blob.type, bytes: blob.size }), state: 'uploading', progress: 0 });

    const protocol = protocolOf(collectionRules, blob, options);
    const onSent = (fraction: number): void => {
      const bytesSent = Math.round(fraction * blob.size);
      // When bytes are sent again, the wait is over.
      if (bytesSent > store.getSnapshot().bytesSent) onWait(null);
      change({ progress: fraction, bytesSent });
    };
    const accepted = await protocol({ connection, blob, filename, destination, idempotencyKey: options.idempotencyKey, signal, patience, gate, onSent });
    if (accepted.media.status === 'ready') return finish(accepted.media, accepted.path);

    change({ state: 'processing', progress: null, isPaused: false, bytesSent: blob.size, media: accepted.media });
    const onProgress = (progress: number | null, message: string | null): void => change({ progress, message });
    return finish(await followMedia(accepted, { connection, hub, signal, onProgress }), accepted.path);
  };

  const finish = (media: Media, path: string | null): UploadResult => {
    change({ state: 'done', progress: 1, bytesSent: store.getSnapshot().bytesTotal, media, message: null });
    return { url: media.src, path, media };
  };

  const result = Promise.race([abortOf(signal), run()])
    .catch((error: unknown) => {
      if (signal.aborted) set({ state: 'aborted', progress: null, message: null, waitingFor: null });
      else change({ state: 'failed', progress: null, message: null, waitingFor: null, error: asProblem(error) });
      throw error;
    })
    .finally(unlink);
  // Code that only watches the state must not also get an unhandled rejection.
  result.catch(() => undefined);

  const pause = (isPaused: boolean): void => {
    if (store.getSnapshot().state !== 'uploading') return;
    gate[isPaused ? 'shut' : 'open']();
    change({ isPaused });
  };
  return { ...store, result, abort, pause: () => pause(true), resume: () => pause(false) };
}

/** Rejects at once, whatever the upload waits for: a token may never come. */
const abortOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });

/** Used instead of `AbortSignal.any`, which React Native lacks. */
function linkTo(outer: AbortSignal | undefined, abort: (reason: unknown) => void): () => void {
  const onAbort = (): void => abort(outer?.reason);
  if (outer?.aborted) onAbort();
  else outer?.addEventListener('abort', onAbort, { once: true });
  return () => outer?.removeEventListener('abort', onAbort);
}

function waitFor({ code, detail }: SafelightProblem): Pick<UploadSnapshot, 'waitingFor' | 'message'> {
  return code === 'network_error'
    ? { waitingFor: 'network', message: detail.includes('CORS') ? `Waiting for the network: ${detail}` : 'Waiting for the network' }
    : { waitingFor: 'server', message: `Waiting for the server: ${detail}` };
}

/** The server's rules say whether a file goes in one request; otherwise large files go in parts. */
function protocolOf({ ingest }: MediaRules, blob: Blob, { replaces, resumeStore }: UploadOptions): UploadProtocol {
  if (replaces !== undefined) return uploadReplacement(replaces);
  if (ingest === 'inline') return uploadDirect;
  return blob.size > partsFromBytes ? uploadInParts(resumeStore ?? browserResumeStore()) : uploadPresigned;
}
