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
