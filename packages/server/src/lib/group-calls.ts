import { keepSpan } from './in-span.ts';

export type Grouping<Site extends object, Item, Result> = {
  run(site: Site, items: readonly Item[]): Promise<readonly Result[]>;
  /** Only calls of one key go together; those of different keys run beside each other. */
  keyOf?(item: Item): string;
  mostAtOnce?: number;
  /** How long calls wait for a run before theirs begins beside it: a lock or a lost connection may hold up a run for long. */
  patienceMs?: number;
  /** Whether an error would come for each of the calls by itself too, so that they need not run again one by one. */
  failsForAll(error: unknown): boolean;
};

/** `within` runs something in the context of its caller, so that a trace shows it there. */
type Waiting<Item, Result> = { item: Item; within<Value>(work: () => Value): Value } & Pick<PromiseWithResolvers<Result>, 'resolve' | 'reject'>;

/**
 * Turns a function that does many things at once into one that does a single thing: calls at one site (a database, say) that come while an earlier
 * one is running there wait for it and then run together. So a call that comes alone waits for nobody, and the more come, the less each costs. If a
 * run fails, its calls run again one by one, so that none fails because of another; `run` must leave nothing behind when it throws.
 */
export function groupCalls<Site extends object, Item, Result>({
  run,
  keyOf = () => '',
  mostAtOnce = 32,
  patienceMs = 250,
  failsForAll,
}: Grouping<Site, Item, Result>): (site: Site, item: Item) => Promise<Result> {
  type Queue = Waiting<Item, Result>[];
  const queuesOf = new WeakMap<Site, Map<string, Queue>>();

  async function drain(site: Site, queues: Map<string, Queue>, key: string, queue: Queue): Promise<void> {
    // What arrived on several sockets at this moment is read before the first run begins.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const { promise: waitedEnough, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, patienceMs);
      await Promise.race([settle(site, queue.splice(0, mostAtOnce)), waitedEnough]);
      clearTimeout(timer);
    }
    // In the same turn as the look at its length: a call that joined a queue between the two would never run.
    queues.delete(key);
  }

  async function settle(site: Site, calls: Queue): Promise<void> {
    try {
      const items = calls.map(({ item }) => item);
      const results = await (calls[0]?.within(async () => await run(site, items)) ?? []);
      if (results.length !== calls.length) throw new Error(`${calls.length} calls got ${results.length} results`);
      for (const [index, result] of results.entries()) calls[index]?.resolve(result);
    } catch (error) {
      if (calls.length === 1 || failsForAll(error)) for (const { reject } of calls) reject(error);
      else for (const call of calls) await settle(site, [call]);
    }
  }

  return async (site, item) => {
    const queues = queuesOf.get(site) ?? new Map<string, Queue>();
    queuesOf.set(site, queues);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const call = { item, resolve, reject, within: keepSpan(<Value>(work: () => Value): Value => work()) };
    const key = keyOf(item);
    const queue = queues.get(key);
    if (queue !== undefined) queue.push(call);
    else {
      const begun = [call];
      queues.set(key, begun);
      void drain(site, queues, key, begun);
    }
    return await promise;
  };
}
