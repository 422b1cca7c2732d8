import { secondsFrom } from '../lib/clock.ts';
import type { Context } from '../lib/context.ts';
import { extendLease } from './ledger.ts';

/** Extends the lease of an object while its bytes move, however long that takes. Returns the function that stops. */
export function keepLease({ log, site: { db, clock } }: Pick<Context, 'log' | 'site'>, id: string, leaseSeconds: number): () => void {
  const extend = (): void =>
    void extendLease(db, [id], secondsFrom(clock.now(), leaseSeconds)).catch((error: unknown) => log.warn({ err: error }, 'a lease could not be extended'));
  const renewal = setInterval(extend, (leaseSeconds * 1000) / 3);
  return () => clearInterval(renewal);
}
