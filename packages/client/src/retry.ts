import { pauseOrOnline } from './pause.ts';
import { SafelightProblem } from './problem.ts';

/** How long to wait during an outage, and who is notified of it. */
export type Patience = {
  /** The total of consecutive pauses and failed attempts, without the time offline. */
  forMs: number;
  /** Called with the failure during the wait, and with null as soon as an attempt succeeds. */
  onWait?: ((problem: SafelightProblem | null) => void) | undefined;
};

/** @internal */
export type RetryOptions = {
  /** The number of attempts after the first one. */
  retries: number;
  /** Instead of a number of attempts, for failures that pass: no network, a server that is away or asks to wait. */
  patience?: Patience | undefined;
  signal?: AbortSignal | undefined;
};

/** Without `patience`, a pause longer than this is not waited for: the caller gets the error, with `retryAfterMs`. */
const longestWaitMs = 60_000;
const firstBackOffMs = 300;
const longestBackOffMs = 8_000;
/** An attempt may have transferred bytes for an hour before it failed: only this much of its time counts as outage. */
const longestCountedAttemptMs = 30_000;

/**
 * Repeats an attempt that is safe to repeat, as long as it fails with a temporary failure. Waits as long as `Retry-After` says,
 * otherwise a random time below a limit that doubles, so that many clients do not retry at the same moment. The wait ends early when the network is back.
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
      // The failed attempt began after the time limit had already passed.
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

/** True only if the browser knows for certain that there is no network. */
const isOffline = (): boolean => typeof navigator !== 'undefined' && 'onLine' in navigator && !navigator.onLine;

/** Network errors and temporary failures; waiting never fixes a refusal of the request itself. */
function passesByItself(error: unknown): error is SafelightProblem {
  if (!(error instanceof SafelightProblem)) return false;
  return error.code === 'network_error' || error.status === 408 || error.status === 429 || error.status >= 500 || error.code === 'idempotency_conflict';
}
