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

test('a library that somebody has paged through keeps its pages when its stream is opened again, when it is reloaded, and when it is shown again', async () => {
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
