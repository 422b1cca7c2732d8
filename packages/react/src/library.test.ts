import type { Client, Media } from '@safelight/client';
import { expect, test } from 'vitest';

import { createLibrary } from './library.ts';

/** Seven records on pages of two, and a stream that opens when it is told to. */
function library() {
  const all = Array.from({ length: 7 }, (_, at) => ({ id: `id-${9 - at}`, path: null, deletedAt: null }) as unknown as Media);
  const asked: (string | undefined)[] = [];
  let open = (): void => undefined;
  const client = {
    media: {
      list: async ({ cursor }: { cursor?: string }) => {
        asked.push(cursor);
        const from = Number(cursor ?? 0);
        const to = from + 2;
        return await Promise.resolve({ media: all.slice(from, to), nextCursor: to < all.length ? String(to) : null });
      },
    },
    events: {
      subscribe: ({ onState }: { onState: (state: { state: string }) => void }) => {
        open = () => onState({ state: 'open' });
        return () => undefined;
      },
    },
  } as unknown as Client;
  const made = createLibrary(client, {});
  const shown = (): number => made.getSnapshot().items.length;
  const settled = async (): Promise<void> => await expect.poll(() => made.getSnapshot().isLoading).toBe(false);
  return { made, asked, shown, settled, reopen: () => open(), all };
}

test('a library with several loaded pages keeps them when its stream is reopened, when it is reloaded, and when it is shown again', async () => {
  const { made, shown, settled, reopen, all } = library();
  const stop = made.subscribe(() => undefined);
  await settled();
  for (const count of [4, 6]) {
    made.loadMore();
    await expect.poll(shown).toBe(count);
    await settled();
  }
  reopen();
  await settled();
  expect(shown()).toBe(6);
  made.reload();
  await settled();
  expect(shown()).toBe(6);
  stop();
  made.subscribe(() => undefined);
  await settled();
  expect(shown()).toBe(6);
  made.loadMore();
  await expect.poll(shown).toBe(7);
  expect(made.getSnapshot().items.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(made.getSnapshot().hasMore).toBe(false);
});

/** A server that returns the current `finds`, and a stream that the test writes to. */
function told(finds: () => string[]) {
  let say: (event: unknown) => void = () => undefined;
  let reads = 0;
  const media = (id: string): Media => ({ id, path: `images/${id}`, deletedAt: null }) as unknown as Media;
  const refusals: Error[] = [];
  const client = {
    media: {
      list: async () => {
        reads += 1;
        return await Promise.resolve({ media: finds().map(media), nextCursor: null });
      },
      delete: async (id: string) => {
        const refusal = refusals.shift();
        if (refusal) throw refusal;
        return await Promise.resolve({ media: media(id), undoUntil: '' });
      },
      restore: async (id: string) => {
        const refusal = refusals.shift();
        if (refusal) throw refusal;
        return await Promise.resolve(media(id));
      },
    },
    events: {
      subscribe: ({ onEvent }: { onEvent: (event: unknown) => void }) => {
        say = onEvent;
        return () => undefined;
      },
    },
  } as unknown as Client;
  const library = createLibrary(client, { q: 'sunset', sort: 'name' });
  const ids = (): string[] => library.getSnapshot().items.map(({ id }) => id);
  return { library, ids, refusals, say: (event: string, mediaId?: string) => say({ event, data: { mediaId } }), reads: () => reads };
}

test('a new record is shown where the server lists it, and not at all if the query does not match it', async () => {
  let found = ['b', 'c'];
  const { library, ids, say, reads } = told(() => found);
  library.subscribe(() => undefined);
  await expect.poll(ids).toEqual(['b', 'c']);
  for (const id of ['x', 'y', 'z']) say('processing_complete', id);
  await expect.poll(reads).toBe(2);
  expect(ids()).toEqual(['b', 'c']);
  found = ['b', 'bb', 'c'];
  say('media_restored', 'bb');
  say('processing_progress', 'bb');
  await expect.poll(ids).toEqual(['b', 'bb', 'c']);
  expect(reads()).toBe(3);
});

test('a deleted record disappears at once and stays away when an older response arrives late; a refused deletion shows it again, with the reason', async () => {
  let found = ['a', 'b'];
  const { library, ids, refusals } = told(() => found);
  library.subscribe(() => undefined);
  await expect.poll(ids).toEqual(['a', 'b']);
  library.reload();
  const gone = library.remove('a');
  expect(ids()).toEqual(['b']);
  found = ['b'];
  await gone;
  await expect.poll(() => library.getSnapshot().isLoading).toBe(false);
  expect(ids()).toEqual(['b']);
  refusals.push(new Error('It is in use.'));
  await expect(library.remove('b')).rejects.toThrow('It is in use.');
  expect(ids()).toEqual(['b']);
  expect(library.getSnapshot().error?.detail).toBe('It is in use.');
  refusals.push(new Error('It is too late.'));
  await expect(library.restore('a')).rejects.toThrow('It is too late.');
  found = ['a', 'b'];
  await library.restore('a');
  expect(ids()).toEqual(['a', 'b']);
});
