'use client';
import { createStore, SafelightProblem, type Client, type EntityMedia, type FileSource, type Media, type Store, type UploadTask } from '@safelight/client';

import { asError } from './as-error.ts';
import { previewOf, releasePreview } from './preview.ts';
import { itemOf, standing, type CollectionItem } from './standing.ts';

export type Place = { type: string; id: string; collection?: string | undefined };

/** Somebody else saved first: what they added and took away is in the form now, and what was changed here stayed. */
export type Conflict = { added: readonly Media[]; removed: readonly string[] };

export type CollectionSnapshot = {
  items: readonly CollectionItem[];
  server: EntityMedia | null;
  isLoading: boolean;
  isDirty: boolean;
  isSaving: boolean;
  error: SafelightProblem | null;
  conflict: Conflict | null;
};

export type Collection = Store<CollectionSnapshot> & {
  reload: () => Promise<void>;
  addFiles: (files: Iterable<FileSource>) => void;
  /** To this place in the order, from 0. */
  move: (key: string, to: number) => void;
  change: (key: string, part: { altText?: string | null; purpose?: string }) => void;
  remove: (key: string) => void;
  /** Uploads the drafts, then makes the server's collection what is here: all of it or nothing. False where it could not be saved. */
  save: () => Promise<boolean>;
  /** Back to what the server has. */
  discard: () => void;
  dispose: () => void;
};

export const emptyCollection: CollectionSnapshot = { items: [], server: null, isLoading: true, isDirty: false, isSaving: false, error: null, conflict: null };

/** The collection of an entity as an edit form holds it: records, and drafts apart from them until they are saved. */
export function createCollection(client: Client, place: Place): Collection {
  const { change, subscribe, getSnapshot } = createStore<CollectionSnapshot>(emptyCollection);
  const tasks = new Map<string, UploadTask>();
  /** What a save has sent and not yet made part of the collection, by its draft. */
  const sent = new Map<string, string>();
  let last = 0;
  let isGone = false;

  const read = async (): Promise<EntityMedia> => await client.entities.read(place.type, place.id, { collection: place.collection });
  const edit = (items: readonly CollectionItem[]): void => change({ items, isDirty: true });
  const update = (key: string, part: Partial<CollectionItem>): void =>
    change({ items: getSnapshot().items.map((item) => (item.key === key ? { ...item, ...part } : item)) });

  /** Theirs is what there is; of ours stays what they did not take away, in our order and with our words. */
  const rebase = (now: EntityMedia): Conflict | null => {
    const { items, server } = getSnapshot();
    const before = new Map((server ? standing(server) : []).map((media) => [media.id, media]));
    const theirs = new Map(standing(now).map((media) => [media.id, media]));
    const ours = new Set(items.flatMap(({ media }) => (media ? [media.id] : [])));
    const added = [...theirs.values()].filter(({ id }) => !before.has(id) && !ours.has(id));
    const removed = items.flatMap(({ media }) => (media && before.has(media.id) && !theirs.has(media.id) ? [media.id] : []));
    const kept = items.flatMap((item) => {
      if (!item.media) return [item];
      const media = theirs.get(item.media.id);
      if (!media) return [];
      // What was not touched here follows them.
      const altText = item.altText === item.media.altText ? media.altText : item.altText;
      const purpose = item.purpose === item.media.purpose ? media.purpose : item.purpose;
      return [{ ...item, media, altText, purpose }];
    });
    const isOther = server !== null && [...before.values()].some((media) => (theirs.get(media.id)?.version ?? media.version) !== media.version);
    change({ server: now, items: [...kept, ...added.map(itemOf)], isLoading: false });
    return added.length > 0 || removed.length > 0 || isOther ? { added, removed } : null;
  };

  const reload = async (): Promise<void> => {
    isGone = false;
    change({ isLoading: true, error: null });
    try {
      const now = await read();
      if (getSnapshot().isDirty) rebase(now);
      else change({ server: now, items: standing(now).map(itemOf), isLoading: false });
    } catch (error) {
      change({ isLoading: false, error: asError(error) });
    }
  };

  /** Resolves once the server has its bytes: from then on it is a record, whatever becomes of it. */
  const send = async ({ key, file, altText, purpose }: CollectionItem): Promise<void> => {
    const { server } = getSnapshot();
    if (!file || !server) return;
    const destination = {
      collection: server.rules.collection,
      entityType: place.type,
      entityId: place.id,
      ...(altText === null ? {} : { altText }),
      ...(purpose === null ? {} : { purpose }),
    };
    const task = client.upload(file, destination);
    tasks.set(key, task);
    await new Promise<void>((resolve, reject) => {
      const tell = (): void => {
        const snapshot = task.getSnapshot();
        update(key, { upload: snapshot, ...(snapshot.media ? { media: snapshot.media } : {}) });
        if (snapshot.media) {
          sent.set(key, snapshot.media.id);
          resolve();
        }
      };
      task.subscribe(tell);
      task.result.catch(reject);
      tell();
    });
  };

  const sendDrafts = async (): Promise<void> => {
    const results = await Promise.allSettled(
      getSnapshot()
        .items.filter(({ media, file }) => file !== null && media === null)
        .map(send),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };

  const save = async (): Promise<boolean> => {
    change({ isSaving: true, error: null, conflict: null });
    try {
      const hadDrafts = getSnapshot().items.some(({ media }) => media === null);
      await sendDrafts();
      if (hadDrafts) {
        // Our own uploads have changed it; what is not ours is a conflict all the same.
        const conflict = rebase(await read());
        if (conflict) return stopAt(conflict);
      }
      const { items, server } = getSnapshot();
      const wanted = items.flatMap(({ media, altText, purpose }) => (media ? [{ id: media.id, altText, ...(purpose === null ? {} : { purpose }) }] : []));
      const saved = await client.entities.save(place.type, place.id, wanted, { collection: place.collection, ifMatch: server?.etag ?? '' });
      sent.clear();
      release();
      change({ server: saved, items: standing(saved).map(itemOf), isDirty: false, isSaving: false });
      return true;
    } catch (error) {
      if (error instanceof SafelightProblem && error.code === 'precondition_failed') {
        const now = await read().catch(() => null);
        if (now) return stopAt(rebase(now) ?? { added: [], removed: [] });
      }
      await takeBack();
      change({ isSaving: false, error: asError(error) });
      return false;
    }
  };
  /** All of it or nothing: what was sent for a save that came to nothing is deleted again, and is a draft as before. What cannot be deleted now is so the next time. */
  const takeBack = async (): Promise<void> => {
    tasks.forEach((task) => task.abort());
    tasks.clear();
    await Promise.allSettled(
      [...sent].map(async ([key, id]) => {
        await client.media.delete(id);
        sent.delete(key);
        update(key, { media: null, upload: null });
      }),
    );
  };
  const stopAt = (conflict: Conflict): boolean => {
    change({ isSaving: false, conflict });
    if (isGone) void takeBack();
    return false;
  };
  /** A save that is under way ends by itself, and takes back what it has to. */
  const giveUp = (): void => {
    if (getSnapshot().isSaving) tasks.forEach((task) => task.abort());
    else void takeBack();
    release();
  };
  const release = (): void => {
    for (const { preview } of getSnapshot().items) releasePreview(preview);
    tasks.clear();
  };

  return {
    subscribe,
    getSnapshot,
    reload,
    addFiles(files) {
      const drafts = Array.from(files, (file): CollectionItem => {
        last += 1;
        return { key: `draft-${last}`, media: null, file, preview: previewOf(file), altText: null, purpose: null, upload: null };
      });
      edit([...getSnapshot().items, ...drafts]);
    },
    move(key, to) {
      const { items } = getSnapshot();
      const item = items.find((one) => one.key === key);
      if (!item) return;
      const others = items.filter((one) => one !== item);
      edit([...others.slice(0, to), item, ...others.slice(to)]);
    },
    change: (key, part) => edit(getSnapshot().items.map((item) => (item.key === key ? { ...item, ...part } : item))),
    remove(key) {
      const gone = getSnapshot().items.find((item) => item.key === key);
      tasks.get(key)?.abort();
      releasePreview(gone?.preview ?? null);
      edit(getSnapshot().items.filter((item) => item.key !== key));
    },
    save,
    discard() {
      const { server } = getSnapshot();
      giveUp();
      change({ items: server ? standing(server).map(itemOf) : [], isDirty: false, conflict: null, error: null });
    },
    dispose() {
      isGone = true;
      giveUp();
    },
  };
}
