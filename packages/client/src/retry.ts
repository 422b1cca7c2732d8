import { pauseOrOnline } from './pause.ts';
import { SafelightProblem } from './problem.ts';

/** How long an outage is borne, and who is told of it. */
export type Patience = {
  /** Of pauses and failed attempts in a row, but not of time without any network. */
  forMs: number;
  /** The failure that is waited out, and null as soon as an attempt succeeds. */
  onWait?: ((problem: SafelightProblem | null) => void) | undefined;
};

/** @internal */
export type RetryOptions = {
  /** Attempts after the first one. */
  retries: number;
  /** Instead of a number of attempts, for whatever time mends: no network, a server that is away or asks to wait. */
  patience?: Patience | undefined;
  signal?: AbortSignal | undefined;
};

/** A server that asks for a longer pause than this is not waited for without patience: the caller is told, with `retryAfterMs`. */
const longestWaitMs = 60_000;
const firstBackOffMs = 300;
const longestBackOffMs = 8_000;
/** An attempt may have moved bytes for an hour before it failed: of its time only this much is the outage's. */
const longestCountedAttemptMs = 30_000;

/**
 * Repeats an attempt that may safely be repeated, while its failure is one that passes by itself. Waits what `Retry-After` asks,
 * otherwise a random time under a doubling ceiling, so that many clients do not come back in step; a network that is back ends the wait.
 * @internal
 */
export async function retry<T>(attempt: () => Promise<T>, { retries, patience, signal }: RetryOptions): Promise<T> {
  let waitedMs = 0;
  for (let failures = 0; ; failures += 1) {
    const began = Date.now();
    try {
      const answer = await attempt();
      if (failures > 0) patience?.onWait?.(null);
      return answer;
    } catch (error) {
      if (!passesByItself(error)) throw error;
      const wait = error.retryAfterMs ?? backOffMs(failures);
      const endures = patience !== undefined && error.status !== 500;
      // The attempt that failed began after everything that was to be waited had been.
      if (endures ? waitedMs > patience.forMs || wait > patience.forMs : failures >= retries || wait > longestWaitMs) throw error;
      patience?.onWait?.(error);
      const failed = Date.now();
      const offline = isOffline();
      await pauseOrOnline(wait, signal);
      // A clock that was set, or a machine that slept, has waited no longer than this.
      if (!offline) waitedMs += within(failed - began, longestCountedAttemptMs) + within(Date.now() - failed, wait);
    }
  }
}

/**
 * A random wait under a ceiling that doubles with each failure in a row, counted from 0.
 * @internal
 */
export const backOffMs = (failures: number): number => Math.random() * Math.min(longestBackOffMs, firstBackOffMs * 2 ** failures);

const within = (ms: number, most: number): number => Math.max(0, Math.min(ms, most));

/** Only what a browser knows for certain: that there is no network at all. */
const isOffline = (): boolean => typeof navigator !== 'undefined' && 'onLine' in navigator && !navigator.onLine;

/** Faults of the way or the moment; a refusal of the request itself never passes by waiting. */
function passesByItself(error: unknown): error is SafelightProblem {
  if (!(error instanceof SafelightProblem)) return false;
  return error.code === 'network_error' || error.status === 408 || error.status === 429 || error.status >= 500 || error.code === 'idempotency_conflict';
}
