'use client';
import { createStore, type FileSource } from '@safelight/client';

import { isActive, noUploads, type FileOptions, type Uploads, type UploadsOptions, type UploadsSnapshot } from './file-upload.ts';
import { previewOf } from './preview.ts';
import { forget, makeEntry } from './upload-entry.ts';
import { createQueue, type Entry } from './upload-queue.ts';

/** Of a page: its lists may show the files of several queues. */
let last = 0;

/** The files chosen for upload, in order. Independent of any component. */
export function createUploads(options: UploadsOptions): Uploads {
  const { change, subscribe, getSnapshot } = createStore<UploadsSnapshot>(noUploads);
  const queue = createQueue(options, change);
  const { entries } = queue;
  /** One file after the other, because the user may have chosen hundreds. */
  let looked: Promise<void> = Promise.resolve();

  const look = async (entry: Entry): Promise<void> => {
    const { source, destination: to } = entry.file;
    entry.file.hold((await options.check?.(source, to)?.catch(() => null)) ?? null);
  };
  const make = (source: FileSource, about: FileOptions = {}): Entry => {
    const { destination: given, replaces = null } = about;
    last += 1;
    const to = given ?? options.destination?.() ?? {};
    const state = options.check ? 'looked-at' : 'waiting';
    return makeEntry(queue, { id: `file-${last}`, source, destination: to, replaces, state, preview: previewOf(source) }, about);
  };
  const begin = (added: readonly Entry[]): void => {
    if (!getSnapshot().isUploading) for (const entry of entries) entry.isPast = true;
    for (const entry of added) {
      entries.add(entry);
      if (entry.file.state === 'looked-at') looked = looked.then(() => look(entry));
    }
    queue.tell();
    queue.startNext();
  };

  const uploads: Uploads = {
    subscribe,
    getSnapshot,
    add(sources, about) {
      const added = Array.from(sources, (source) => make(source, about));
      begin(added);
      return added.map(({ file }) => file);
    },
    upload(source, about) {
      const entry = make(source, about);
      begin([entry]);
      return entry.result;
    },
    abort: () =>
      getSnapshot()
        .files.filter(isActive)
        .forEach((file) => file.abort()),
    reset: () =>
      forget(
        queue,
        [...entries].filter(({ file }) => !isActive(file)),
      ),
    dispose: () => forget(queue, [...entries]),
  };
  behind.set(uploads.upload, uploads);
  return uploads;
}

/** Lets a component find the uploads from their `upload` function alone. */
const behind = new WeakMap<object, Uploads>();
/** @internal */
export const uploadsBehind = (upload: object | undefined): Uploads | undefined => upload && behind.get(upload);
