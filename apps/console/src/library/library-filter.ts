import type { Media } from '@safelight/contract/media';

// Written out rather than imported: the contract's own lists come with all of its schemas.
export const kindNames = ['image', 'video', 'audio', 'file'] as const satisfies readonly Media['kind'][];
export const statusNames = ['pending', 'processing', 'ready', 'failed'] as const satisfies readonly Media['status'][];

/** Empty means all. */
export type LibraryFilter = { collection: string; kind: Media['kind'] | ''; status: Media['status'] | '' };

export const filterOf = (query: URLSearchParams): LibraryFilter => ({
  collection: query.get('collection') ?? '',
  kind: kindNames.find((kind) => kind === query.get('kind')) ?? '',
  status: statusNames.find((status) => status === query.get('status')) ?? '',
});

export const queryOf = (filter: LibraryFilter): URLSearchParams => new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''));

export const matches = ({ collection, kind, status }: LibraryFilter, media: Media): boolean =>
  (collection === '' || media.collection === collection) && (kind === '' || media.kind === kind) && (status === '' || media.status === status);
