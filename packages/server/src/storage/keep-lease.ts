import { secondsFrom } from '../lib/clock.ts';
import type { Context } from '../lib/context.ts';
import { extendLease } from './ledger.ts';

/** Extends the leases of objects while their bytes move, however long that takes. Returns the function that stops. */
export function keepLease({ log, site: { db, clock } }: Pick<Context, 'log' | 'site'>, ids: readonly string[], leaseSeconds: number): () => void {
  const extend = (): void =>
    void extendLease(db, ids, secondsFrom(clock.now(), leaseSeconds)).catch((error: unknown) => log.warn({ err: error }, 'a lease could not be extended'));
  const renewal = setInterval(extend, (leaseSeconds * 1000) / 3);
  return () => clearInterval(renewal);
}
