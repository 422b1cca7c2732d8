import { pause } from './pause.ts';
import { SafelightProblem } from './problem.ts';

export type RetryOptions = {
  /** Attempts after the first one. */
  retries: number;
  signal?: AbortSignal | undefined;
};

/** A server that asks for a longer pause than this is not waited for: the caller is told, with `retryAfterMs`. */
const longestWaitMs = 60_000;
const firstBackOffMs = 300;
const longestBackOffMs = 8_000;

/**
 * Repeats an attempt that may safely be repeated, while its failure is one that passes by itself. Waits what `Retry-After` asks,
 * otherwise a random time under a doubling ceiling, so that many clients do not come back in step.
 */
export async function retry<T>(attempt: () => Promise<T>, { retries, signal }: RetryOptions): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (failures >= retries || !passesByItself(error)) throw error;
      const wait = error.retryAfterMs ?? backOffMs(failures);
      if (wait > longestWaitMs) throw error;
      await pause(wait, signal);
    }
  }
}

/** A random wait under a ceiling that doubles with each failure in a row, counted from 0. */
export const backOffMs = (failures: number): number => Math.random() * Math.min(longestBackOffMs, firstBackOffMs * 2 ** failures);

/** Faults of the way or the moment; a refusal of the request itself never passes by waiting. */
function passesByItself(error: unknown): error is SafelightProblem {
  if (!(error instanceof SafelightProblem)) return false;
  return error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500 || error.code === 'idempotency_conflict';
}
