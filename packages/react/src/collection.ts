'use client';
import { createStore, type Client, type FileSource, type Store } from '@safelight/client';

import { giveUp, reload, save, showUploads, type CollectionSnapshot, type Form, type Place } from './collection-form.ts';
import { previewOf, releasePreview } from './preview.ts';
import { itemsOf, type CollectionItem } from './standing.ts';
import { createUploads } from './uploads.ts';

export type Collection = Store<CollectionSnapshot> & {
  reload: () => Promise<void>;
  addFiles: (files: Iterable<FileSource>) => void;
  /** To this position in the order, from 0. */
  move: (key: string, to: number) => void;
  change: (key: string, part: { altText?: string | null; purpose?: string }) => void;
  remove: (key: string) => void;
  /** Uploads the drafts, then saves the collection, all or nothing. False if it could not be saved. */
  save: () => Promise<boolean>;
  /** Back to what the server has. */
  discard: () => void;
  dispose: () => void;
};

/** @internal */
export const emptyCollection: CollectionSnapshot = { items: [], server: null, isLoading: true, isDirty: false, isSaving: false, error: null, conflict: null };

/**
 * The collection of an entity in an edit form: records, and drafts that stay separate until they are saved.
 * @internal
 */
export function createCollection(client: Client, place: Place): Collection {
  const { change, subscribe, getSnapshot } = createStore<CollectionSnapshot>(emptyCollection);
  const uploads = createUploads({ start: (file, to) => client.upload(file, to) });
  const form: Form = { client, place, change, getSnapshot, uploads, sent: new Map(), isGone: false };
  uploads.subscribe(() => showUploads(form));
  const edit = (items: readonly CollectionItem[]): void => change({ items, isDirty: true });
  let last = 0;

  return {
    subscribe,
    getSnapshot,
    reload: () => reload(form),
    addFiles(files) {
      const drafts = Array.from(files, (file): CollectionItem => {
        last += 1;
        return { key: `draft-${last}`, media: null, file, preview: previewOf(file), altText: null, purpose: null, upload: null, problem: null };
      });
      edit([...getSnapshot().items, ...drafts]);
    },
    move(key, to) {
      const { items } = getSnapshot();
      const others = items.filter((item) => item.key !== key);
      const moved = items.filter((item) => item.key === key);
      edit([...others.slice(0, to), ...moved, ...others.slice(to)]);
    },
    change: (key, part) => edit(getSnapshot().items.map((item) => (item.key === key ? { ...item, ...part } : item))),
    remove(key) {
      const gone = getSnapshot().items.find((item) => item.key === key);
      // Items that the server has are removed with the next save.
      uploads
        .getSnapshot()
        .files.find(({ id, task }) => id === form.sent.get(key) && !task?.media)
        ?.remove();
      releasePreview(gone?.preview ?? null);
      edit(getSnapshot().items.filter((item) => item.key !== key));
    },
    save: () => save(form),
    discard() {
      const { server } = getSnapshot();
      giveUp(form);
      change({ items: itemsOf(server), isDirty: false, conflict: null, error: null });
    },
    dispose() {
      form.isGone = true;
      giveUp(form);
    },
  };
}
