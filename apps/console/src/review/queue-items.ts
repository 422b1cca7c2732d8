import type { Client } from '@safelight/client';
import type { QueuedMedia } from '@safelight/contract/reviews';

export type QueuePage = Awaited<ReturnType<Client['reviews']['queue']>>;

/** In the order of their waiting; a record may be on two pages, when one was decided on between their readings, or was claimed. */
export const itemsOf = (pages: readonly QueuePage[]): QueuedMedia[] =>
  [...new Map(pages.flatMap(({ media }) => media.map((item) => [item.id, item] as const))).values()].toSorted(byAge);

/** A record that has not changed keeps its URLs, so that no picture flickers: each reading signs them anew. */
export function keepPictures(before: readonly QueuedMedia[], page: readonly QueuedMedia[]): QueuedMedia[] {
  const known = new Map(before.map((item) => [item.id, item]));
  return page.map((item) => {
    const same = known.get(item.id);
    return same?.version === item.version && same.review === item.review ? { ...same, claim: item.claim } : item;
  });
}

/** Adds records that the queue may not have shown yet, or renews those that it has. */
export function mergeItems(before: readonly QueuedMedia[], given: readonly QueuedMedia[]): QueuedMedia[] {
  const ids = new Set(given.map(({ id }) => id));
  return [...before.filter(({ id }) => !ids.has(id)), ...given].toSorted(byAge);
}

const byAge = (one: QueuedMedia, other: QueuedMedia): number => (one.id < other.id ? -1 : 1);
