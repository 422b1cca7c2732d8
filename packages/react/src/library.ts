'use client';
import { asProblem, createStore, type Client, type Media, type SafelightProblem, type Store } from '@safelight/client';

export type LibraryQuery = NonNullable<Parameters<Client['media']['list']>[0]>;

export type LibrarySnapshot = {
  items: readonly Media[];
  isLoading: boolean;
  hasMore: boolean;
  error: SafelightProblem | null;
};

export type Library = Store<LibrarySnapshot> & {
  reload: () => void;
  loadMore: () => void;
  /** By id or object path. Leaves the list at once; if refused, it is shown again and the call rejects. */
  remove: (idOrPath: string) => Promise<{ media: Media; undoUntil: string }>;
  restore: (id: string) => Promise<Media>;
};

/** @internal */
export const emptyLibrary: LibrarySnapshot = { items: [], isLoading: true, hasMore: false, error: null };
/** Events come in bursts; one read for each burst is enough, and a list of many pages is read less often. */
const burstMs = 150;

/** What was read, and how far, so that a user who has scrolled down keeps the position when the list is read again. */
type Pages = { media: readonly Media[]; cursor: string | null; count: number };
const noPages: Pages = { media: [], cursor: null, count: 0 };

/** Reads further pages until there are enough records. Only the server knows what a query finds, and in which order. */
async function readOn(client: Client, query: LibraryQuery, { media, cursor, count }: Pages, wanted: number, signal: AbortSignal): Promise<Pages> {
  const page = await client.media.list({ ...query, cursor: cursor ?? query.cursor }, { signal });
  // Newer records may have pushed known ones onto this page.
  const found = new Map([...media, ...page.media].map((one) => [one.id, one]));
  const pages = { media: [...found.values()], cursor: page.nextCursor, count: count + 1 };
  return pages.cursor !== null && found.size < wanted ? await readOn(client, query, pages, wanted, signal) : pages;
}

/**
 * The part of the library that the caller may see, page by page, kept up to date by events while something subscribes.
 * @internal
 */
export function createLibrary(client: Client, query: LibraryQuery, live = true): Library {
  const { change, subscribe, getSnapshot } = createStore<LibrarySnapshot>(emptyLibrary, (signal) => {
    void read(noPages, true);
    signal.addEventListener('abort', () => reading?.abort());
    if (live) follow(client, signal, waitMs, () => void read(noPages));
  });
  let [pages, wanted] = [noPages, 0];
  let reading: AbortController | undefined;
  /** Deletions in progress, by id or path. */
  const hidden = new Set<string | null>();
  const show = (part: Partial<LibrarySnapshot>): void => change({ ...part, items: pages.media.filter(({ id, path }) => !hidden.has(id) && !hidden.has(path)) });

  /** Aborts a running read: it may have been answered before the event that caused this one. */
  const read = async (from: Pages, isLoading = getSnapshot().isLoading): Promise<void> => {
    reading?.abort();
    const { signal } = (reading = new AbortController());
    change({ isLoading });
    try {
      const now = await readOn(client, query, from, wanted, signal);
      if (signal.aborted) return;
      pages = now;
      show({ isLoading: false, hasMore: now.cursor !== null, error: null });
    } catch (error) {
      if (!signal.aborted) change({ isLoading: false, error: asProblem(error) });
    }
  };
  const waitMs = (): number => burstMs * pages.count;

  return {
    getSnapshot,
    subscribe,
    reload: () => void read(noPages, true),
    loadMore() {
      if (pages.cursor === null || getSnapshot().isLoading) return;
      wanted = pages.media.length + 1;
      void read(pages, true);
    },
    async remove(named) {
      hidden.add(named);
      show({});
      try {
        const gone = await (named.includes('/') ? client.media.deletePath(named) : client.media.delete(named));
        pages = { ...pages, media: pages.media.filter((media) => media.id !== gone.media.id) };
        hidden.delete(named);
        void read(noPages);
        return gone;
      } catch (error) {
        hidden.delete(named);
        show({ error: asProblem(error) });
        throw error;
      }
    },
    restore: (id) => client.media.restore(id).finally(() => read(noPages)),
  };
}

/** Reads a list again when an event may change it, until the signal is aborted. */
function follow({ events }: Client, signal: AbortSignal, waitMs: () => number, refresh: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const leave = events.subscribe({
    onEvent({ event, data }) {
      if (data.mediaId === undefined || event.endsWith('_progress')) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        refresh();
      }, waitMs());
    },
    // Changes before the subscription are in the list, not in the stream.
    onState: ({ state }) => void (state === 'open' && refresh()),
  });
  signal.addEventListener('abort', () => {
    leave();
    clearTimeout(timer);
  });
}
