import type { QueuedMedia } from '@safelight/contract/reviews';

/**
 * The queue after its first page was read again. A record that has not changed keeps its URLs, so that no picture flickers: each
 * reading signs them anew. What further pages brought stays; it is known by its id, which begins with the time.
 */
export function renewItems(before: readonly QueuedMedia[], page: readonly QueuedMedia[], hasMore: boolean): QueuedMedia[] {
  const known = new Map(before.map((item) => [item.id, item]));
  const renewed = page.map((item) => {
    const same = known.get(item.id);
    return same?.version === item.version && same.review === item.review ? { ...same, claim: item.claim } : item;
  });
  const last = page.at(-1)?.id;
  return hasMore && last !== undefined ? [...renewed, ...before.filter(({ id }) => id > last)] : renewed;
}

/** Adds records that the queue may not have shown yet, or renews those that it has. */
export function mergeItems(before: readonly QueuedMedia[], given: readonly QueuedMedia[]): QueuedMedia[] {
  const ids = new Set(given.map(({ id }) => id));
  return [...before.filter(({ id }) => !ids.has(id)), ...given].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
