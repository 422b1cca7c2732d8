import type { Media } from '@safelight/contract/media';

import { compareMedia, type Sort } from './library-filter.ts';

/** As the server lists them. */
export type LibraryPage = { media: readonly Media[]; nextCursor: string | null };

/** Puts a record into its place, as the server lists them. One that comes after what is loaded belongs to a later page. */
export function upsert(pages: readonly LibraryPage[], media: Media, sort: Sort): readonly LibraryPage[] {
  const at = pages.findIndex((page) => page.media.some(({ id }) => id === media.id));
  if (at !== -1) return changeAt(pages, at, (items) => items.map((item) => (item.id === media.id && item.version <= media.version ? media : item)));
  const comesBefore = (item: Media): boolean => compareMedia(sort, media, item) < 0;
  const before = pages.findIndex((page) => page.media.some(comesBefore));
  if (before !== -1) return changeAt(pages, before, (items) => items.toSpliced(items.findIndex(comesBefore), 0, media));
  return pages.at(-1)?.nextCursor === null ? changeAt(pages, pages.length - 1, (items) => [...items, media]) : pages;
}

export const holds = (pages: readonly LibraryPage[], id: string): boolean => pages.some((page) => page.media.some((item) => item.id === id));

export function drop(pages: readonly LibraryPage[], ids: readonly string[]): readonly LibraryPage[] {
  const gone = new Set(ids);
  return pages.map((page) => (page.media.some(({ id }) => gone.has(id)) ? { ...page, media: page.media.filter(({ id }) => !gone.has(id)) } : page));
}

/** A record that arrived by an event may also come with its page. */
export const itemsOf = ({ pages }: { pages: readonly LibraryPage[] }): readonly Media[] => [
  ...new Map(pages.flatMap(({ media }) => media.map((item) => [item.id, item] as const))).values(),
];

const changeAt = (pages: readonly LibraryPage[], at: number, change: (items: readonly Media[]) => readonly Media[]): readonly LibraryPage[] =>
  pages.map((page, index) => (index === at ? { ...page, media: change(page.media) } : page));
