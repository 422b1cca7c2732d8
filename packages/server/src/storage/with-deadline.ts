import { copyBytesPerMs } from './store-limits.ts';

/** At a lower speed a request counts as stalled. */
const leastBytesPerMs = 100;

/** How long a request may take, on a store that may be silent for `idleMs`. */
export const deadlineOf = (idleMs: number, { bytes = 0, copied = 0 }: Carried): number => idleMs + bytes / leastBytesPerMs + copied / copyBytesPerMs;

/** What a request moves: `bytes` that it sends itself, and those that the provider copies within itself. */
export type Carried = { bytes?: number; copied?: number };

/**
 * Runs an SDK call that takes an abort signal but has no deadline of its own. The deadline ends with the answer: `guardBody` watches a body that is
 * still to be read. `late` makes the error of a call that took too long.
 */
export async function withDeadline<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
  late = () => new Error(`There was no answer within ${Math.round(milliseconds)} ms.`),
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => controller.abort(late()), milliseconds);
  try {
    return await call(controller.signal);
  } catch (error) {
    // SDKs throw an abort error of their own; the reason for the abort is what matters.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
