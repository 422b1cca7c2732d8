import { compareKeys } from '../storage/compare-keys.ts';

export type Pair<Left, Right> = { key: string; left: Left | null; right: Right | null };

/**
 * Merges two streams sorted by key, and yields each key once with the items of both sides. Holds one item of each. A side that is out of order fails
 * the walk: the items that it skipped would look as if they were missing.
 */
export async function* mergeByKey<Left extends { key: string }, Right extends { key: string }>(
  lefts: AsyncIterable<Left>,
  rights: AsyncIterable<Right>,
): AsyncGenerator<Pair<Left, Right>, void> {
  const left = inOrder(lefts, 'the ledger');
  const right = inOrder(rights, 'the store');
  try {
    let [a, b] = [await next(left), await next(right)];
    while (a !== null || b !== null) {
      const order = a === null ? 1 : b === null ? -1 : compareKeys(a.key, b.key);
      const taken: { left: Left | null; right: Right | null } = { left: order <= 0 ? a : null, right: order >= 0 ? b : null };
      // At least one of the two exists, or the loop would have ended.
      yield { key: (taken.left ?? taken.right)?.key ?? '', ...taken };
      if (order <= 0) a = await next(left);
      if (order >= 0) b = await next(right);
    }
  } finally {
    await Promise.all([left.return(), right.return()]);
  }
}

async function* inOrder<Item extends { key: string }>(items: AsyncIterable<Item>, side: string): AsyncGenerator<Item, void> {
  let last: string | null = null;
  for await (const item of items) {
    if (last !== null && compareKeys(last, item.key) >= 0)
      throw new Error(`${side} listed ${JSON.stringify(item.key)} after ${JSON.stringify(last)}: it is not in byte order`);
    last = item.key;
    yield item;
  }
}

async function next<Item>(items: AsyncGenerator<Item, void>): Promise<Item | null> {
  const step = await items.next();
  return step.done === true ? null : step.value;
}
