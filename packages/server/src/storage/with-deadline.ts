/** Slower than this, a request's bytes are not on their way any more. */
const leastBytesPerMs = 100;

/** How long a request that carries `bytes` may take, with a store that may be silent for `idleMs`. */
export const deadlineOf = (idleMs: number, bytes: number): number => idleMs + bytes / leastBytesPerMs;

/**
 * Runs a call of an SDK that knows an abort signal but no deadline of its own. The deadline ends with the answer: a body that is
 * still to be read then is watched by `guardBody`.
 */
export async function withDeadline<T>(milliseconds: number, signal: AbortSignal | undefined, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => controller.abort(new Error(`There was no answer within ${Math.round(milliseconds)} ms.`)), milliseconds);
  try {
    return await call(controller.signal);
  } catch (error) {
    // SDKs throw an abort error of their own; why it was aborted is what matters.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
