/** `keyOf`: only calls of one key go together; those of different keys run beside each other. `isAlone`: a failure that would hit each by itself too. */
export type Grouping<Item, Result> = {
  run(items: readonly Item[]): Promise<readonly Result[]>;
  keyOf(item: Item): string;
  mostAtOnce: number;
  failsForAll(error: unknown): boolean;
};

type Waiting<Item, Result> = { item: Item } & Pick<PromiseWithResolvers<Result>, 'resolve' | 'reject'>;

/**
 * Turns a function that does many things at once into one that does a single thing: calls that come while an earlier one is running wait for it and
 * then run together. So a call that comes alone waits for nobody, and the more come, the less each costs. If a run fails, its calls run again one by
 * one, so that none fails because of another; `run` must leave nothing behind when it throws.
 */
export function groupCalls<Item, Result>({ run, keyOf, mostAtOnce, failsForAll }: Grouping<Item, Result>): (item: Item) => Promise<Result> {
  const queues = new Map<string, Waiting<Item, Result>[]>();

  async function drain(key: string, queue: Waiting<Item, Result>[]): Promise<void> {
    // What arrived on several sockets at this moment is read before the first run begins.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await settle(queue.splice(0, mostAtOnce));
    queues.delete(key);
  }

  async function settle(calls: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await run(calls.map(({ item }) => item));
      if (results.length !== calls.length) throw new Error(`${calls.length} calls got ${results.length} results`);
      for (const [index, result] of results.entries()) calls[index]?.resolve(result);
    } catch (error) {
      if (calls.length === 1 || failsForAll(error)) for (const { reject } of calls) reject(error);
      else for (const call of calls) await settle([call]);
    }
  }

  return async (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const key = keyOf(item);
    const queue = queues.get(key);
    if (queue !== undefined) queue.push({ item, resolve, reject });
    else {
      const begun = [{ item, resolve, reject }];
      queues.set(key, begun);
      void drain(key, begun);
    }
    return await promise;
  };
}
