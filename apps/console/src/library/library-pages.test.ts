import type { Media } from '@safelight/contract/media';
import { expect, test } from 'vitest';

import { drop, itemsOf, upsert, type LibraryPage } from './library-pages.ts';

const record = (id: string, version = 1): Media => ({ id, version }) as Media;
/** Pages of records, named by letters; after the last one there are more if `next` is set. */
const library = (pages: string[], next: string | null = null): readonly LibraryPage[] =>
  pages.map((ids, index) => ({ media: ids.split('').map((id) => record(id)), nextCursor: index === pages.length - 1 ? next : 'on' }));
const idsOf = (pages: readonly LibraryPage[]): string =>
  itemsOf({ pages })
    .map(({ id }) => id)
    .join('');

test('a new record is inserted by age, on the right page, and a known one is updated in place', () => {
  const pages = upsert(library(['gf', 'db']), record('c'), 'newest');
  expect(idsOf(pages)).toBe('gfdcb');
  expect(idsOf(upsert(pages, record('h'), 'newest'))).toBe('hgfdcb');
  expect(itemsOf({ pages: upsert(pages, record('c', 2), 'newest') })[3]).toEqual(record('c', 2));
});

test('a record that was read late does not overwrite a newer one', () => {
  const renewed = upsert(library(['dc']), record('c', 3), 'newest');
  expect(itemsOf({ pages: upsert(renewed, record('c', 2), 'newest') })[1]).toEqual(record('c', 3));
});

test('a record older than the loaded pages waits for its own page, unless the last one is loaded', () => {
  expect(idsOf(upsert(library(['d', 'c'], 'next'), record('a'), 'newest'))).toBe('dc');
  expect(idsOf(upsert(library(['d', 'c']), record('a'), 'newest'))).toBe('dca');
  expect(idsOf(upsert(library(['']), record('a'), 'newest'))).toBe('a');
});

test('in another order, a new record is inserted in that order', () => {
  expect(idsOf(upsert(library(['ac']), record('b'), 'oldest'))).toBe('abc');
  const sized = (id: string, byteSize: number): Media => ({ id, byteSize }) as Media;
  const largest = [{ media: [sized('a', 9), sized('b', 2)], nextCursor: null }];
  expect(idsOf(upsert(largest, sized('c', 5), 'largest'))).toBe('acb');
});

test('a further page adds no duplicates, and a removed record is on no page', () => {
  expect(idsOf(library(['dc', 'cb']))).toBe('dcb');
  expect(idsOf(drop(library(['dc', 'cb']), ['c', 'x']))).toBe('db');
});
