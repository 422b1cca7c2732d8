import { expect, test } from 'vitest';

import { pageAhead } from './page-ahead.ts';

/** Pages of three; records which were requested. */
function book(pages: number, failing = -1) {
  const asked: number[] = [];
  const fetch = async (cursor: number | null): Promise<{ items: string[]; next: number | null }> => {
    const page = cursor ?? 0;
    asked.push(page);
    if (page === failing) throw new Error(`page ${page} is torn`);
    return { items: ['a', 'b', 'c'].map((letter) => `${page}${letter}`), next: page + 1 < pages ? page + 1 : null };
  };
  return { asked, items: pageAhead(fetch) };
}

test('yields every item once, in order, and requests each page once', async () => {
  const { asked, items } = book(3);
  expect(await Array.fromAsync(items)).toEqual(['0a', '0b', '0c', '1a', '1b', '1c', '2a', '2b', '2c']);
  expect(asked).toEqual([0, 1, 2]);
});

test('is one page ahead of its reader, and never more', async () => {
  const { asked, items } = book(5);
  await items.next();
  expect(asked).toEqual([0, 1]);
  await items.return();
  expect(asked).toEqual([0, 1]);
});

test('fails at the page that is missing, after everything before it', async () => {
  const { items } = book(3, 1);
  const read: string[] = [];
  await expect(
    (async () => {
      for await (const item of items) read.push(item);
    })(),
  ).rejects.toThrow('page 1 is torn');
  expect(read).toEqual(['0a', '0b', '0c']);
});
