import { InfiniteQueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';

import { changePages } from './change-pages.ts';
import { createQueries } from './create-queries.ts';

type Page = { items: readonly string[]; next: string | null };
const queryKey = ['list'];

/** A list whose pages are answered when the test says so. */
function listOf() {
  const queries = createQueries();
  const answers: ((page: Page) => void)[] = [];
  const observer = new InfiniteQueryObserver(queries, {
    queryKey,
    queryFn: () => new Promise<Page>((resolve) => answers.push(resolve)),
    initialPageParam: null,
    getNextPageParam: ({ next }: Page): string | null => next,
  });
  const stop = observer.subscribe(() => undefined);
  const items = (): readonly string[] => observer.getCurrentResult().data?.pages.flatMap((page) => page.items) ?? [];
  return { queries, observer, items, stop, answer: (page: Page) => answers.shift()?.(page) };
}
const without = (gone: string) => (pages: readonly Page[]) => pages.map((page) => ({ ...page, items: page.items.filter((item) => item !== gone) }));

test('a change while a further page is loading is visible at once, and is not lost when that page arrives', async () => {
  const { queries, observer, items, stop, answer } = listOf();
  answer({ items: ['a', 'b'], next: '2' });
  await expect.poll(items).toEqual(['a', 'b']);
  const more = observer.fetchNextPage();
  const changed = changePages(queries, queryKey, without('a'));
  expect(items()).toEqual(['b']);
  answer({ items: ['c'], next: null });
  await Promise.all([more, changed]);
  expect(items()).toEqual(['b', 'c']);
  stop();
});

test('a change before the first page has loaded is applied to that page', async () => {
  const { queries, items, stop, answer } = listOf();
  const changed = changePages(queries, queryKey, without('a'));
  answer({ items: ['a', 'b'], next: null });
  await changed;
  expect(items()).toEqual(['b']);
  stop();
});

test('a change that waits for a read is applied after that read was replaced by another', async () => {
  const { queries, items, stop, answer } = listOf();
  answer({ items: ['a', 'b'], next: null });
  await expect.poll(items).toEqual(['a', 'b']);
  void queries.invalidateQueries({ queryKey });
  const changed = changePages(queries, queryKey, without('a'));
  void queries.invalidateQueries({ queryKey });
  answer({ items: ['given up'], next: null });
  answer({ items: ['a', 'b', 'c'], next: null });
  await changed;
  expect(items()).toEqual(['b', 'c']);
  stop();
});
