'use client';
import type { Client, Destination, FileSource, RuleViolation, UploadResult } from '@safelight/client';
import { useEffect, useMemo } from 'react';

import { useSafelightClient, type ServiceOptions } from './use-client.ts';
import { useStore } from './use-store.ts';
import { noUploads, type FileOptions, type FileUpload, type StartUpload, type Uploads, type UploadsSnapshot } from './file-upload.ts';
import { createUploads } from './uploads.ts';
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
    client.upload(source, destination, { replaces });

/** Uploads files. What it has begun ends with the component, unless it is given `uploads` that live longer. */
export function useMediaUpload(options: MediaUploadOptions = {}): MediaUpload {
  const client = useSafelightClient(options);
  const latest = useLatest(options);
  const { uploads: given, atOnce } = options;
  const checks = options.check !== undefined;
  const uploads = useMemo(() => {
    if (given) return given;
    const destination = (): Destination => {
      const { apiPrefix: _, serviceName: _1, headers: _2, check: _3, uploads: _4, atOnce: _5, ...to } = latest();
      return to;
    };
    return createUploads({ start: startWith(client), destination, check: checks ? (source, to) => latest().check?.(source, to) : undefined, atOnce });
  }, [given, client, checks, atOnce, latest]);
  useEffect(() => (given ? undefined : () => uploads.dispose()), [given, uploads]);
  const { upload, add, abort, reset } = uploads;
  return { ...useStore(uploads, noUploads), upload, add, abort, reset };
}
