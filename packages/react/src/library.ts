'use client';
import { createStore, type Client, type Media, type SafelightEvent, type SafelightProblem, type Store } from '@safelight/client';

import { asError } from './as-error.ts';

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

export const emptyLibrary: LibrarySnapshot = { items: [], isLoading: true, hasMore: false, error: null };
/** Events come in bursts; one reading a burst is enough. */
const burstMs = 150;

/** What the caller may see of a library, page by page, kept as it is now by events for as long as somebody looks. */
export function createLibrary(client: Client, query: LibraryQuery, live = true): Library {
  const { change, subscribe, getSnapshot } = createStore<LibrarySnapshot>(emptyLibrary);
  let watchers = 0;
  let cursor: string | null = null;
  let reading: AbortController | null = null;
  let unfollow: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = new Set<string>();

  /** The next page; or all that was loaded anew, as many pages as there were, so that nobody who looks far down loses the place. */
  const read = async (isFirst: boolean): Promise<void> => {
    reading?.abort();
    const own = new AbortController();
    reading = own;
    change({ isLoading: true, error: null });
    try {
      let items: readonly Media[] = isFirst ? [] : getSnapshot().items;
      const least = isFirst ? getSnapshot().items.length : 0;
      let next = isFirst ? null : cursor;
      do {
        const page = await client.media.list({ ...query, ...(next === null ? {} : { cursor: next }) }, { signal: own.signal });
        if (own.signal.aborted) return;
        items = merge(items, page.media);
        next = page.nextCursor;
      } while (next !== null && items.length < least);
      cursor = next;
      change({ items, isLoading: false, hasMore: cursor !== null });
    } catch (error) {
      if (!own.signal.aborted) change({ isLoading: false, error: asError(error) });
    }
  };

  const refresh = async (): Promise<void> => {
    const ids = [...changed];
    changed.clear();
    if (ids.length > 20) return read(true);
    for (const id of ids) {
      const media = await client.media.read(id, { retries: 0 }).catch(() => null);
      if (media) change({ items: place(getSnapshot(), media, query) });
    }
  };

  const onEvent = ({ event, data }: SafelightEvent): void => {
    if ('replaced' in data) drop(data.replaced);
    const { mediaId } = data;
    if (mediaId === undefined || event.endsWith('_progress')) return;
    if (event === 'media_deleted' || event === 'media_purged') return drop(mediaId);
    changed.add(mediaId);
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(), burstMs);
  };
  const drop = (id: string): void => {
    // What it was before it went is not asked for any more: that is answered 410.
    changed.delete(id);
    change({ items: getSnapshot().items.filter((item) => item.id !== id) });
  };

  const begin = (): void => {
    void read(true);
    if (!live) return;
    unfollow = client.events.subscribe({
      onEvent,
      onState: ({ state }) => {
        // What happened before anybody listened is in the list, not in the stream.
        if (state === 'open') void read(true);
      },
    });
  };
  const end = (): void => {
    reading?.abort();
    unfollow?.();
    clearTimeout(timer);
  };

  return {
    getSnapshot,
    subscribe(listener) {
      const stop = subscribe(listener);
      watchers += 1;
      if (watchers === 1) begin();
      return () => {
        stop();
        watchers -= 1;
        if (watchers === 0) end();
      };
    },
    reload: () => void read(true),
    loadMore: () => void (cursor === null || getSnapshot().isLoading || read(false)),
    async remove(named) {
      const before = getSnapshot().items;
      change({ items: before.filter(({ id, path }) => id !== named && path !== named) });
      try {
        return await (named.includes('/') ? client.media.deletePath(named) : client.media.delete(named));
      } catch (error) {
        change({ items: before, error: asError(error) });
        throw error;
      }
    },
    async restore(id) {
      const media = await client.media.restore(id);
      change({ items: place(getSnapshot(), media, query) });
      return media;
    },
  };
}

/** Newest first, as the server lists them: ids begin with the time. What is older than what is loaded belongs to a later page. */
function place({ items, hasMore }: LibrarySnapshot, media: Media, query: LibraryQuery): readonly Media[] {
  const at = items.findIndex(({ id }) => id === media.id);
  const fits = matches(media, query);
  if (at !== -1) return fits ? items.map((item, index) => (index === at ? media : item)) : items.filter((_, index) => index !== at);
  if (!fits || query.prefix !== undefined) return items;
  const before = items.findIndex(({ id }) => id < media.id);
  if (before !== -1) return [...items.slice(0, before), media, ...items.slice(before)];
  return hasMore ? items : [...items, media];
}

const matches = (media: Media, { collection, entity, kind, purpose, status }: LibraryQuery): boolean =>
  media.deletedAt === null &&
  (collection === undefined || collection === media.collection) &&
  (entity === undefined || (media.entity !== null && entity === `${media.entity.type}/${media.entity.id}`)) &&
  (kind === undefined || kind === media.kind) &&
  (purpose === undefined || purpose === media.purpose) &&
  (status === undefined || status === media.status);

/** A record that arrived by an event may also come with its page. */
function merge(items: readonly Media[], page: readonly Media[]): readonly Media[] {
  const known = new Set(items.map(({ id }) => id));
  return [...items, ...page.filter(({ id }) => !known.has(id))];
}
