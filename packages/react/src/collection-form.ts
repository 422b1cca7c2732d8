'use client';
import { asProblem, type SafelightProblem, type Client, type EntityMedia, type Media, type Store } from '@safelight/client';

import { isActive, type Uploads } from './file-upload.ts';
import { releasePreview } from './preview.ts';
import { itemOf, itemsOf, standing, type CollectionItem } from './standing.ts';

export type Place = { type: string; id: string; collection?: string | undefined };

/** Somebody else saved first: the form now includes what they added and removed, and keeps the user's own changes. */
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

/**
 * The state of a form while it is open.
 * @internal
 */
export type Form = Pick<Store<CollectionSnapshot>, 'getSnapshot'> & {
  client: Client;
  place: Place;
  change: (part: Partial<CollectionSnapshot>) => void;
  /** Uploads that a save has sent but not yet added to the collection, by draft. */
  uploads: Uploads;
  sent: Map<string, string>;
  isGone: boolean;
};

const read = async ({ client, place }: Form): Promise<EntityMedia> => await client.entities.read(place.type, place.id, { collection: place.collection });

/**
 * Gives each draft the state of its upload; a draft without an upload stays as it was when it was chosen.
 * @internal
 */
export function showUploads({ change, getSnapshot, uploads, sent }: Form): void {
  const tasks = new Map(uploads.getSnapshot().files.map(({ id, task }) => [id, task]));
  const items = getSnapshot().items.map((item) => {
    const upload = tasks.get(sent.get(item.key) ?? '') ?? null;
    // Why it failed stays when what was sent is taken back, until the next save.
    return item.file ? { ...item, upload, media: upload?.media ?? null, problem: (upload ? upload.error : item.problem) ?? null } : item;
  });
  change({ items });
}

/** Their version is the base; of our items, those that they did not remove stay, with our order and our texts. */
function rebase({ change, getSnapshot }: Form, now: EntityMedia): Conflict | null {
  const { items, server } = getSnapshot();
  const before = new Map(standing(server).map((media) => [media.id, media]));
  const theirs = new Map(standing(now).map((media) => [media.id, media]));
  const added = [...theirs.values()].filter(({ id }) => !before.has(id) && !items.some(({ media }) => media?.id === id));
  const removed = items.flatMap(({ media }) => (media && before.has(media.id) && !theirs.has(media.id) ? [media.id] : []));
  const kept = items.flatMap((item) => {
    if (!item.media) return [item];
    const media = theirs.get(item.media.id);
    if (!media) return [];
    // Fields that were not changed here take their values.
    const altText = item.altText === item.media.altText ? media.altText : item.altText;
    const purpose = item.purpose === item.media.purpose ? media.purpose : item.purpose;
    return [{ ...item, media, altText, purpose }];
  });
  const isOther = [...before.values()].some((media) => (theirs.get(media.id)?.version ?? media.version) !== media.version);
  change({ server: now, items: [...kept, ...added.map(itemOf)], isLoading: false });
  return added.length > 0 || removed.length > 0 || isOther ? { added, removed } : null;
}

/** @internal */
export async function reload(form: Form): Promise<void> {
  const { change, getSnapshot } = form;
  form.isGone = false;
  change({ isLoading: true, error: null });
  try {
    const now = await read(form);
    if (getSnapshot().isDirty) rebase(form, now);
    else change({ server: now, items: itemsOf(now), isLoading: false });
  } catch (error) {
    change({ isLoading: false, error: asProblem(error) });
  }
}

/** Resolves once the server has the bytes of all drafts: from then on they are records. */
async function sendDrafts(form: Form): Promise<void> {
  const { place, uploads, sent, getSnapshot } = form;
  const { items, server } = getSnapshot();
  for (const { key, file, media, altText, purpose } of items)
    if (file && !media) {
      const destination = {
        collection: server?.rules.collection,
        entityType: place.type,
        entityId: place.id,
        altText,
        purpose,
      };
      for (const { id } of uploads.add([file], { destination })) sent.set(key, id);
    }
  showUploads(form);
  const isUnderWay = (): boolean => uploads.getSnapshot().files.some((file) => isActive(file) && !file.task?.media);
  let leave = (): void => undefined;
  await new Promise<void>((resolve) => {
    const look = (): void => void (isUnderWay() || resolve());
    leave = uploads.subscribe(look);
    look();
  });
  leave();
  const failed = uploads.getSnapshot().files.find(({ task }) => !task?.media);
  if (failed) throw failed.error ?? new Error(failed.state);
}

/** @internal */
export async function save(form: Form): Promise<boolean> {
  const { client, place, change, getSnapshot } = form;
  change({ isSaving: true, error: null, conflict: null });
  try {
    const hadDrafts = getSnapshot().items.some(({ media }) => media === null);
    await sendDrafts(form);
    if (hadDrafts) {
      // Our own uploads change the collection too; only a change by somebody else is a conflict.
      const conflict = rebase(form, await read(form));
      if (conflict) return stopAt(form, conflict);
    }
    const { items, server } = getSnapshot();
    const wanted = items.flatMap(({ media, altText, purpose }) => (media ? [{ id: media.id, altText, purpose: purpose ?? undefined }] : []));
    const saved = await client.entities.save(place.type, place.id, wanted, { collection: place.collection, ifMatch: server?.etag ?? '' });
    for (const { preview } of items) releasePreview(preview);
    change({ server: saved, items: itemsOf(saved), isDirty: false, isSaving: false });
    form.uploads.dispose();
    return true;
  } catch (cause) {
    const error = asProblem(cause);
    if (error.code === 'precondition_failed') {
      const now = await read(form).catch(() => null);
      if (now) return stopAt(form, rebase(form, now) ?? { added: [], removed: [] });
    }
    await takeBack(form);
    change({ isSaving: false, error });
    return false;
  }
}

/** All or nothing: if a save fails, what it has sent is deleted and becomes a draft again. What cannot be deleted now is deleted the next time. */
async function takeBack({ client, uploads }: Form): Promise<void> {
  await Promise.allSettled(
    uploads.getSnapshot().files.map(async ({ task, abort, remove }) => {
      abort();
      if (task?.media) await client.media.delete(task.media.id);
      remove();
    }),
  );
}

function stopAt(form: Form, conflict: Conflict): boolean {
  form.change({ isSaving: false, conflict });
  if (form.isGone) void takeBack(form);
  return false;
}

/**
 * A running save ends by itself, and undoes what it has sent if it fails.
 * @internal
 */
export function giveUp(form: Form): void {
  if (form.getSnapshot().isSaving) form.uploads.abort();
  else void takeBack(form);
  for (const { preview } of form.getSnapshot().items) releasePreview(preview);
}
