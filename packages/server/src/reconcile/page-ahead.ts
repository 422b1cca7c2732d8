/**
 * The items of all pages in order; each page is requested while the one before it is read, so that the walk is as slow as the slower of two listings,
 * not both together. Holds two pages. `fetch` gets the previous page's `next`; null means the first page, and the end.
 */
export async function* pageAhead<Item, Cursor>(
  fetch: (cursor: Cursor | null) => Promise<{ items: readonly Item[]; next: Cursor | null }>,
): AsyncGenerator<Item, void> {
  let coming: ReturnType<typeof fetch> | null = fetch(null);
  while (coming !== null) {
    const { items, next }: Awaited<ReturnType<typeof fetch>> = await coming;
    coming = next === null ? null : fetch(next);
    // Nobody awaits it if the reader stops here; otherwise it is awaited above.
    coming?.catch(() => undefined);
    yield* items;
  }
}
