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
  /** By id or object path. Gone from the list at once; rejects, and shows it again, when it is refused. */
  remove: (idOrPath: string) => Promise<{ media: Media; undoUntil: string }>;
  restore: (id: string) => Promise<Media>;
};

/** @internal */
export const emptyLibrary: LibrarySnapshot = { items: [], isLoading: true, hasMore: false, error: null };
/** Events come in bursts; one reading a burst is enough, and a list of many pages is read less often. */
const burstMs = 150;

/** What was read, and how far: who looks far down keeps the place when it is read again. */
type Pages = { media: readonly Media[]; cursor: string | null; count: number };
const noPages: Pages = { media: [], cursor: null, count: 0 };

/** Further pages until there are as many records as are wanted. The server alone knows what a query finds, and in which order. */
async function readOn(client: Client, query: LibraryQuery, { media, cursor, count }: Pages, wanted: number, signal: AbortSignal): Promise<Pages> {
  const page = await client.media.list({ ...query, cursor: cursor ?? query.cursor }, { signal });
  // What is newer may have moved some of it to this page.
  const found = new Map([...media, ...page.media].map((one) => [one.id, one]));
  const pages = { media: [...found.values()], cursor: page.nextCursor, count: count + 1 };
  return pages.cursor !== null && found.size < wanted ? await readOn(client, query, pages, wanted, signal) : pages;
}

/**
 * What the caller may see of a library, page by page, kept as it is now by events for as long as somebody looks.
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
  /** What is being deleted, by id or path. */
  const hidden = new Set<string | null>();
  const show = (part: Partial<LibrarySnapshot>): void => change({ ...part, items: pages.media.filter(({ id, path }) => !hidden.has(id) && !hidden.has(path)) });

  /** One that is under way is given up: it may have been answered before what caused this one. */
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
    async restore(id) {
      const media = await client.media.restore(id);
      await read(noPages);
      return media;
    },
  };
}

/** Reads a list again when something is told that may change it, until the signal ends it. */
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
    // What happened before anybody listened is in the list, not in the stream.
    onState: ({ state }) => void (state === 'open' && refresh()),
  });
  signal.addEventListener('abort', () => {
    leave();
    clearTimeout(timer);
  });
}
