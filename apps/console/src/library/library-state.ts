import type { Media } from '@safelight/contract/media';

import { compareMedia, type Sort } from './library-filter.ts';

export type LibraryState = {
  sort: Sort;
  items: readonly Media[];
  nextCursor: string | null;
  /** `first`: nothing of this filter is there yet. `more`: a further page is on its way. */
  loading: 'first' | 'more' | null;
  problem: unknown;
};

export type LibraryAction =
  | { type: 'begin'; sort: Sort }
  | { type: 'beginMore' }
  | { type: 'page'; media: readonly Media[]; nextCursor: string | null; first: boolean }
  | { type: 'problem'; problem: unknown }
  | { type: 'upsert'; media: Media }
  | { type: 'drop'; ids: readonly string[] };

export const emptyLibrary: LibraryState = { sort: 'newest', items: [], nextCursor: null, loading: 'first', problem: null };

export function libraryReducer(state: LibraryState, action: LibraryAction): LibraryState {
  switch (action.type) {
    case 'begin':
      return { ...state, sort: action.sort, loading: 'first', problem: null };
    case 'beginMore':
      return { ...state, loading: 'more', problem: null };
    case 'page':
      return { ...state, items: action.first ? action.media : merge(state.items, action.media), nextCursor: action.nextCursor, loading: null, problem: null };
    case 'problem':
      return { ...state, loading: null, problem: action.problem };
    case 'upsert':
      return { ...state, items: upsert(state, action.media) };
    case 'drop':
      return { ...state, items: state.items.filter(({ id }) => !action.ids.includes(id)) };
    default:
      return action satisfies never;
  }
}

/** In its place, as the server lists them. A record that comes after what is loaded belongs to a later page. */
function upsert({ items, nextCursor, sort }: LibraryState, media: Media): readonly Media[] {
  const at = items.findIndex(({ id }) => id === media.id);
  if (at !== -1) return items.with(at, media);
  const before = items.findIndex((item) => compareMedia(sort, media, item) < 0);
  if (before !== -1) return items.toSpliced(before, 0, media);
  return nextCursor === null ? [...items, media] : items;
}

/** A record that arrived by an event may also come with its page. */
function merge(items: readonly Media[], page: readonly Media[]): readonly Media[] {
  const known = new Set(items.map(({ id }) => id));
  return [...items, ...page.filter(({ id }) => !known.has(id))];
}
