'use client';
import type { Client, Destination, FileSource, RuleViolation, UploadResult } from '@safelight/client';
import { useEffect, useMemo, useSyncExternalStore } from 'react';

import { useSafelightClient, type ServiceOptions } from './use-client.ts';
import { createUploads, type FileOptions, type FileUpload, type StartUpload, type Uploads, type UploadsSnapshot } from './uploads.ts';
import { useLatest } from './use-latest.ts';

export type MediaUploadOptions = ServiceOptions &
  Destination & {
    /** Asked before a file is sent; what it answers holds it until somebody starts it. */
    check?: ((source: FileSource, destination: Destination) => Promise<RuleViolation | null>) | undefined;
    /** Uploads that live elsewhere, so that this component may go away without interrupting them. */
    uploads?: Uploads | undefined;
    atOnce?: number | undefined;
  };

export type MediaUpload = UploadsSnapshot & {
  /** Resolves once it can be shown; rejects with a `SafelightProblem`, which `error` tells as well. */
  upload: (file: FileSource, options?: FileOptions) => Promise<UploadResult>;
  add: (files: Iterable<FileSource>, options?: FileOptions) => FileUpload[];
  abort: () => void;
  reset: () => void;
};

export const startWith =
  (client: Client): StartUpload =>
  (source, destination, replaces) =>
    client.upload(source, destination, replaces === undefined ? {} : { replaces });

/** Uploads files. What it has begun ends with the component, unless it is given `uploads` that live longer. */
export function useMediaUpload(options: MediaUploadOptions = {}): MediaUpload {
  const client = useSafelightClient(options);
  const latest = useLatest(options);
  const { uploads: given, atOnce } = options;
  const checks = options.check !== undefined;
  const uploads = useMemo(() => {
    if (given) return given;
    const check: MediaUploadOptions['check'] = async (source, to) => (await latest().check?.(source, to)) ?? null;
    return createUploads({ start: startWith(client), destination: () => destinationOf(latest()), check: checks ? check : undefined, atOnce });
  }, [given, client, checks, atOnce, latest]);
  useEffect(() => (given ? undefined : () => uploads.dispose()), [given, uploads]);
  const snapshot = useSyncExternalStore(uploads.subscribe, uploads.getSnapshot, uploads.getSnapshot);
  const { upload, add, abort, reset } = uploads;
  return { ...snapshot, upload, add, abort, reset };
}

function destinationOf({ collection, entityType, entityId, purpose, altText, sortOrder }: MediaUploadOptions): Destination {
  const said = Object.entries({ collection, entityType, entityId, purpose, altText, sortOrder }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said);
}
