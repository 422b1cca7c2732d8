'use client';
import type { Client, Destination, FileSource, RuleViolation, UploadResult } from '@safelight/client';
import { useEffect, useInsertionEffect, useState } from 'react';

import { useSafelightClient, type ServiceOptions } from './use-client.ts';
import { useStore } from './use-store.ts';
import { noUploads, type FileOptions, type FileUpload, type StartUpload, type Uploads, type UploadsOptions, type UploadsSnapshot } from './file-upload.ts';
import { createUploads } from './uploads.ts';

export type MediaUploadOptions = ServiceOptions &
  Destination & {
    /** Called before a file is sent; if it returns a reason, the file is held until the user starts it. */
    check?: ((source: FileSource, destination: Destination) => Promise<RuleViolation | null>) | undefined;
    /** Uploads that continue when this component unmounts. */
    uploads?: Uploads | undefined;
    atOnce?: number | undefined;
  };

export type MediaUpload = UploadsSnapshot & {
  /** Resolves once it can be shown; rejects with a `SafelightProblem`, also in `error`. */
  upload: (file: FileSource, options?: FileOptions) => Promise<UploadResult>;
  add: (files: Iterable<FileSource>, options?: FileOptions) => FileUpload[];
  abort: () => void;
  reset: () => void;
};

export const startWith =
  (client: Client): StartUpload =>
  (source, destination, replaces) =>
    client.upload(source, destination, { replaces });

/** Uploads files. Its uploads stop when the component unmounts, unless `uploads` that live longer are passed. */
export function useMediaUpload({ apiPrefix, serviceName, headers, check, uploads: given, atOnce, ...to }: MediaUploadOptions = {}): MediaUpload {
  const start = startWith(useSafelightClient({ apiPrefix, serviceName, headers }));
  const [options] = useState<UploadsOptions>({ start });
  useInsertionEffect(() => void Object.assign(options, { start, check, atOnce, destination: () => to }));
  const [own] = useState(() => createUploads(options));
  useEffect(() => own.dispose, [own]);
  const uploads = given ?? own;
  return { ...useStore(uploads, noUploads), ...uploads };
}
