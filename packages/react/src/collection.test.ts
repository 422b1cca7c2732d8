import { createStore, SafelightProblem, type Client, type Media, type UploadSnapshot } from '@safelight/client';
import { expect, test } from 'vitest';

import { createCollection } from './collection.ts';

const recordOf = (id: string): Media =>
  ({ id, altText: null, purpose: 'gallery', replaces: null, version: 1, sortOrder: Number(id.slice(-1)), upload: null }) as unknown as Media;

/** A server that stores uploads, and saves as `onSave` says. */
function form(onSave: () => void = () => undefined, refuse: (name: string) => SafelightProblem | null = () => null) {
  const kept = new Map<string, Media>();
  let uploads = 0;
  const entity = () => ({ media: [...kept.values()], tray: [], etag: `"${[...kept.keys()].join()}"`, rules: { collection: 'artist.images' } });
  const client = {
    entities: {
      read: async () => await Promise.resolve(entity()),
      save: async (_type: string, _id: string, items: { id: string }[]) => {
        onSave();
        for (const id of kept.keys()) if (!items.some((item) => item.id === id)) kept.delete(id);
        return await Promise.resolve(entity());
      },
    },
    media: { delete: async (id: string) => await Promise.resolve(kept.delete(id)) },
    upload: (source: File) => {
      const error = refuse(source.name);
      if (error) {
        const { subscribe, getSnapshot } = createStore({ state: 'failed', media: null, error } as unknown as UploadSnapshot);
        return { subscribe, getSnapshot, result: Promise.reject(error), abort: () => undefined };
      }
      const media = recordOf(`sent-${++uploads}`);
      kept.set(media.id, media);
      const { subscribe, getSnapshot } = createStore({ state: 'processing', media } as unknown as UploadSnapshot);
      return { subscribe, getSnapshot, result: new Promise(() => undefined), abort: () => undefined };
    },
  } as unknown as Client;
  const collection = createCollection(client, { type: 'artist', id: '42' });
  return { collection, kept };
}
const file = (): Blob => new Blob(['a'], { type: 'text/plain' });

test('a refused save leaves nothing behind, and its files remain drafts that the next save sends', async () => {
  const refusals = [new SafelightProblem({ code: 'collection_full', status: 409, title: 'Full', detail: 'It is full.' })];
  const { collection, kept } = form(() => {
    const refusal = refusals.shift();
    if (refusal) throw refusal;
  });
  await collection.reload();
  collection.addFiles([file(), file()]);
  expect(await collection.save()).toBe(false);
  expect([...kept.keys()]).toEqual([]);
  expect(collection.getSnapshot()).toMatchObject({ isDirty: true, isSaving: false, error: { code: 'collection_full' } });
  expect(collection.getSnapshot().items.map(({ media, upload }) => [media, upload])).toEqual([
    [null, null],
    [null, null],
  ]);
  expect(await collection.save()).toBe(true);
  expect([...kept.keys()]).toEqual(['sent-3', 'sent-4']);
});

test('a draft that cannot be sent says why, beside those that could be, until the next save', async () => {
  const broken = new SafelightProblem({ code: 'corrupt_media', status: 422, title: 'Damaged', detail: 'The file is damaged.' });
  let isBroken = true;
  const { collection, kept } = form(undefined, (name) => (isBroken && name === 'broken.jpg' ? broken : null));
  await collection.reload();
  collection.addFiles(['one.jpg', 'broken.jpg', 'two.jpg'].map((name) => new File(['a'], name)));
  expect(await collection.save()).toBe(false);
  expect([...kept.keys()]).toEqual([]);
  expect(collection.getSnapshot().error).toBe(broken);
  expect(collection.getSnapshot().items.map(({ problem, media }) => [problem, media])).toEqual([
    [null, null],
    [broken, null],
    [null, null],
  ]);
  isBroken = false;
  expect(await collection.save()).toBe(true);
  expect(collection.getSnapshot().items.map(({ problem }) => problem)).toEqual([null, null, null]);
});

test('files that were sent for a save that conflicted with another edit are kept while the form is open, and removed when it is closed', async () => {
  const conflict = new SafelightProblem({ code: 'precondition_failed', status: 412, title: 'Changed', detail: 'It has changed.' });
  for (const end of ['discard', 'dispose'] as const) {
    const { collection, kept } = form(() => {
      throw conflict;
    });
    await collection.reload();
    collection.addFiles([file()]);
    expect(await collection.save()).toBe(false);
    expect([...kept.keys()]).toEqual(['sent-1']);
    collection[end]();
    await expect.poll(() => [...kept.keys()]).toEqual([]);
  }
});

test('saved media are kept when the form is closed', async () => {
  const { collection, kept } = form();
  await collection.reload();
  collection.addFiles([file()]);
  expect(await collection.save()).toBe(true);
  collection.dispose();
  expect([...kept.keys()]).toEqual(['sent-1']);
});

test('a form that is closed during its save is saved', async () => {
  const { collection, kept } = form(() => collection.dispose());
  await collection.reload();
  collection.addFiles([file()]);
  expect(await collection.save()).toBe(true);
  expect([...kept.keys()]).toEqual(['sent-1']);
});
