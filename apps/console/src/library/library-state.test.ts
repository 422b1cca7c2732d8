import type { Media } from '@safelight/contract/media';
import { expect, test } from 'vitest';

import { emptyLibrary, libraryReducer, type LibraryState } from './library-state.ts';

const record = (id: string, version = 1): Media => ({ id, version }) as Media;
const library = (ids: string[], nextCursor: string | null = null): LibraryState => ({
  ...emptyLibrary,
  items: ids.map((id) => record(id)),
  nextCursor,
  loading: null,
});
const idsOf = ({ items }: LibraryState): string[] => items.map(({ id }) => id);

test('a new record takes its place by age, a known one is renewed where it is', () => {
  const state = libraryReducer(library(['d', 'b']), { type: 'upsert', media: record('c') });
  expect(idsOf(state)).toEqual(['d', 'c', 'b']);
  expect(idsOf(libraryReducer(state, { type: 'upsert', media: record('e') }))).toEqual(['e', 'd', 'c', 'b']);
  expect(libraryReducer(state, { type: 'upsert', media: record('c', 2) }).items[1]).toEqual(record('c', 2));
});

test('a record older than the loaded pages waits for its own page, unless the last one is loaded', () => {
  expect(idsOf(libraryReducer(library(['d', 'c'], 'next'), { type: 'upsert', media: record('a') }))).toEqual(['d', 'c']);
  expect(idsOf(libraryReducer(library(['d', 'c']), { type: 'upsert', media: record('a') }))).toEqual(['d', 'c', 'a']);
});

test('in another order, a new record takes its place in that', () => {
  const oldest = { ...library(['a', 'c']), sort: 'oldest' as const };
  expect(idsOf(libraryReducer(oldest, { type: 'upsert', media: record('b') }))).toEqual(['a', 'b', 'c']);
  const sized = (id: string, byteSize: number): Media => ({ id, byteSize }) as Media;
  const largest: LibraryState = { ...emptyLibrary, sort: 'largest', items: [sized('a', 9), sized('b', 2)], loading: null };
  expect(idsOf(libraryReducer(largest, { type: 'upsert', media: sized('c', 5) }))).toEqual(['a', 'c', 'b']);
});

test('a further page brings nothing twice', () => {
  const state = libraryReducer(library(['d', 'c'], 'next'), { type: 'page', media: [record('c'), record('b')], nextCursor: null, first: false });
  expect(idsOf(state)).toEqual(['d', 'c', 'b']);
});
