/**
 * The items of all pages in order, each page asked for while the one before it is read: the walk is as fast as the slower of two listings,
 * not as both together. Holds two pages. `fetch` is given what the page before named as `next`; null is the first page, and the end.
 */
export async function* pageAhead<Item, Cursor>(
  fetch: (cursor: Cursor | null) => Promise<{ items: readonly Item[]; next: Cursor | null }>,
): AsyncGenerator<Item, void> {
  let coming: ReturnType<typeof fetch> | null = fetch(null);
  while (coming !== null) {
    const { items, next }: Awaited<ReturnType<typeof fetch>> = await coming;
    coming = next === null ? null : fetch(next);
    // Nobody waits for it any more when the reader stops here; otherwise it is awaited above.
    coming?.catch(() => undefined);
    yield* items;
  }
}
