import type { Log } from '../lib/log.ts';
import { patienceMs } from '../lib/patience.ts';
import { storeName } from './locator.ts';
import type { Stores } from './stores.ts';

/** Looks once whether each store answers, and logs which do not: a process starts without its stores, because they may come back before they are needed. */
export async function tryStores(stores: Pick<Stores, 'all'>, { log, signal }: { log: Pick<Log, 'warn'>; signal: AbortSignal }): Promise<void> {
  await Promise.all(
    stores.all().map(async (store) => {
      try {
        await store.check({ signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs.check)]) });
      } catch (error) {
        if (signal.aborted) return;
        log.warn(
          { err: error, store: storeName(store) },
          'This store does not work. Until it does, its objects can be neither written nor read; "safelight doctor" says what to fix.',
        );
      }
    }),
  );
}
