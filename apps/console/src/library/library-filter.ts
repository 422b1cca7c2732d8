import type { Media } from '@safelight/contract/media';

import { hasWords } from './has-words.ts';

// Written out rather than imported: the contract's own lists come with all of its schemas.
export const kindNames = ['image', 'video', 'audio', 'file'] as const satisfies readonly Media['kind'][];
export const statusNames = ['pending', 'processing', 'ready', 'failed'] as const satisfies readonly Media['status'][];
export const sortWords = { newest: 'Newest first', oldest: 'Oldest first', name: 'By name', largest: 'Largest first' } as const;
export type Sort = keyof typeof sortWords;
export const isSort = (name: string): name is Sort => Object.hasOwn(sortWords, name);

/** Empty means all. */
export type LibraryFilter = {
  q: string;
  collection: string;
  kind: Media['kind'] | '';
  status: Media['status'] | 'deleted' | '';
  /** The code of why it failed. */
  failure: string;
  sort: Sort;
};

export function filterOf(query: URLSearchParams): LibraryFilter {
  const sort = query.get('sort') ?? '';
  const status = query.get('status');
  return {
    q: query.get('q') ?? '',
    collection: query.get('collection') ?? '',
    kind: kindNames.find((kind) => kind === query.get('kind')) ?? '',
    status: status === 'deleted' ? status : (statusNames.find((one) => one === status) ?? ''),
    failure: query.get('failure') ?? '',
    sort: isSort(sort) ? sort : 'newest',
  };
}

export const queryOf = (filter: LibraryFilter): URLSearchParams =>
  new URLSearchParams(Object.entries(filter).filter(([name, value]) => value !== '' && !(name === 'sort' && value === 'newest')));

/** As the API asks for it. */
export const wireFilterOf = ({ q, collection, kind, status, failure, sort }: LibraryFilter) => ({
  ...(q === '' ? {} : { q }),
  ...(collection === '' ? {} : { collection }),
  ...(kind === '' ? {} : { kind }),
  ...(status === '' ? {} : status === 'deleted' ? { deleted: 'true' as const } : { status }),
  ...(failure === '' ? {} : { failure }),
  ...(sort === 'newest' ? {} : { sort }),
});

/** Whether it narrows what is there; the order does not. */
export const narrows = ({ q, collection, kind, status, failure }: LibraryFilter): boolean =>
  [q, collection, kind, status, failure].some((value) => value !== '');

export const matches = ({ q, collection, kind, status, failure }: LibraryFilter, media: Media): boolean =>
  (collection === '' || media.collection === collection) &&
  (kind === '' || media.kind === kind) &&
  (status === 'deleted' ? media.deletedAt !== null : media.deletedAt === null && (status === '' || media.status === status)) &&
  (failure === '' || media.failure?.code === failure) &&
  hasWords(q, media);

/** As the server orders them: negative where the first comes before the second. */
export function compareMedia(sort: Sort, one: Media, other: Media): number {
  const byId = one.id < other.id ? -1 : one.id === other.id ? 0 : 1;
  if (sort === 'oldest') return byId;
  if (sort === 'largest') return other.byteSize - one.byteSize || -byId;
  if (sort === 'name') return (one.originalFileName ?? '').localeCompare(other.originalFileName ?? '', undefined, { sensitivity: 'accent' }) || byId;
  return -byId;
}
