import { isErrorCode, type ErrorCode } from '@safelight/contract/errors';
import type { Media } from '@safelight/contract/media';

import { hasWords } from './has-words.ts';

// Written out rather than imported: the contract's own lists come with all of its schemas.
export const kindNames = ['image', 'video', 'audio', 'file'] as const satisfies readonly Media['kind'][];
const statusNames = ['pending', 'processing', 'ready', 'failed'] as const satisfies readonly Media['status'][];
/** By which a list is narrowed: the statuses of records, and what else there is of them. */
export const stateNames = ['published', ...statusNames, 'deleted'] as const;
export const sortWords = { newest: 'Newest first', oldest: 'Oldest first', name: 'By name', largest: 'Largest first' } as const;
export type Sort = keyof typeof sortWords;
export const isSort = (name: string): name is Sort => Object.hasOwn(sortWords, name);

export const sinceWords = { day: 'Last 24 hours', week: 'Last 7 days', month: 'Last 30 days' } as const;
export type Since = keyof typeof sinceWords;
export const isSince = (name: string): name is Since => Object.hasOwn(sinceWords, name);
const hourMs = 3_600_000;
const hoursOf = { day: 24, week: 7 * 24, month: 30 * 24 } as const satisfies Record<Since, number>;

/** In whole hours with the one that goes on, as the overview counts a day; so a list stays the same for an hour. */
const beginOf = (since: Since, now = Date.now()): string => new Date((Math.floor(now / hourMs) - hoursOf[since] + 1) * hourMs).toISOString();

/** Empty means all. */
export type LibraryFilter = {
  q: string;
  collection: string;
  kind: Media['kind'] | '';
  status: (typeof stateNames)[number] | '';
  /** The code of why it failed. */
  failure: ErrorCode | '';
  since: Since | '';
  /** Of what is published, only what was lately. */
  publishedSince: 'day' | '';
  sort: Sort;
};

export function filterOf(query: URLSearchParams): LibraryFilter {
  const sort = query.get('sort') ?? '';
  const failure = query.get('failure');
  const since = query.get('since') ?? '';
  return {
    q: query.get('q') ?? '',
    collection: query.get('collection') ?? '',
    kind: kindNames.find((kind) => kind === query.get('kind')) ?? '',
    status: stateNames.find((state) => state === query.get('status')) ?? '',
    // What a newer server calls a failure is no code that this console could ask for.
    failure: isErrorCode(failure) ? failure : '',
    since: isSince(since) ? since : '',
    publishedSince: query.get('publishedSince') === 'day' ? 'day' : '',
    sort: isSort(sort) ? sort : 'newest',
  };
}

export const queryOf = (filter: LibraryFilter): URLSearchParams =>
  new URLSearchParams(Object.entries(filter).filter(([name, value]) => value !== '' && !(name === 'sort' && value === 'newest')));

/** As the API asks for it. */
export const wireFilterOf = ({ q, collection, kind, status, failure, since, publishedSince, sort }: LibraryFilter) => ({
  ...(q === '' ? {} : { q }),
  ...(collection === '' ? {} : { collection }),
  ...(kind === '' ? {} : { kind }),
  ...(status === '' ? {} : status === 'deleted' || status === 'published' ? { [status]: 'true' as const } : { status }),
  ...(failure === '' ? {} : { failure }),
  ...(since === '' ? {} : { createdAfter: beginOf(since) }),
  ...(publishedSince === '' ? {} : { publishedAfter: beginOf(publishedSince) }),
  ...(sort === 'newest' ? {} : { sort }),
});

/** Whether it narrows what is there; the order does not. */
export const narrows = ({ q, collection, kind, status, failure, since, publishedSince }: LibraryFilter): boolean =>
  [q, collection, kind, status, failure, since, publishedSince].some((value) => value !== '');

/** Whether only the server's list tells what belongs to it: a record says nothing of when it was published. */
export const isToldByList = ({ status, publishedSince }: LibraryFilter): boolean => status === 'deleted' || publishedSince !== '';

export const matches = ({ q, collection, kind, status, failure, since, publishedSince }: LibraryFilter, media: Media): boolean =>
  (collection === '' || media.collection === collection) &&
  (kind === '' || media.kind === kind) &&
  isInState(status, media) &&
  (publishedSince === '' || media.published) &&
  (failure === '' || media.failure?.code === failure) &&
  (since === '' || media.createdAt >= beginOf(since)) &&
  hasWords(q, media);

function isInState(state: LibraryFilter['status'], { status, published, deletedAt }: Media): boolean {
  if (state === 'deleted') return deletedAt !== null;
  return deletedAt === null && (state === '' || (state === 'published' ? published : status === state));
}

/** As the server orders them: negative where the first comes before the second. */
export function compareMedia(sort: Sort, one: Media, other: Media): number {
  const byId = one.id < other.id ? -1 : one.id === other.id ? 0 : 1;
  if (sort === 'oldest') return byId;
  if (sort === 'largest') return other.byteSize - one.byteSize || -byId;
  if (sort === 'name') return (one.originalFileName ?? '').localeCompare(other.originalFileName ?? '', undefined, { sensitivity: 'accent' }) || byId;
  return -byId;
}
