'use client';
import type { Client, EntityMedia, Job, Media, MediaList } from '@safelight/client';

import type { LibraryQuery } from './library.ts';

type Options<Data> = { queryKey: readonly unknown[]; queryFn: (context: { signal: AbortSignal }) => Promise<Data> };
type PagedOptions<Page> = {
  queryKey: readonly unknown[];
  queryFn: (context: { signal: AbortSignal; pageParam: string | null }) => Promise<Page>;
  initialPageParam: string | null;
  getNextPageParam: (last: Page) => string | null;
};

/** Options for TanStack Query, without depending on it: `useQuery(mediaOptions(client, id))`. */
export const mediaOptions = (client: Client, id: string): Options<Media> => ({
  queryKey: ['safelight', 'media', id],
  queryFn: ({ signal }) => client.media.read(id, { signal }),
});

export const jobOptions = (client: Client, id: string): Options<Job> => ({
  queryKey: ['safelight', 'job', id],
  queryFn: ({ signal }) => client.jobs.read(id, { signal }),
});

export const entityMediaOptions = (client: Client, type: string, id: string, collection?: string): Options<EntityMedia> => ({
  queryKey: ['safelight', 'entity', type, id, collection],
  queryFn: ({ signal }) => client.entities.read(type, id, { signal, collection }),
});

/** For `useInfiniteQuery`. */
export const libraryOptions = (client: Client, query: LibraryQuery = {}): PagedOptions<MediaList> => ({
  queryKey: ['safelight', 'library', query],
  queryFn: ({ signal, pageParam }) => client.media.list({ ...query, cursor: pageParam ?? query.cursor }, { signal }),
  initialPageParam: null,
  getNextPageParam: ({ nextCursor }) => nextCursor,
});
