import type { ServerResponse } from 'node:http';

/**
 * A signal for each request: it aborts when the caller goes before the answer is complete, and when the server closes. One set of
 * controllers instead of `AbortSignal.any`, which leaves weak references behind for every request that was ever made.
 */
export function createRequestSignals(closing: AbortSignal): (answer: ServerResponse) => AbortSignal {
  const running = new Set<AbortController>();
  const closeAll = (): void => running.forEach((controller) => controller.abort(closing.reason));
  closing.addEventListener('abort', closeAll, { once: true });
  return (answer) => {
    const controller = new AbortController();
    if (closing.aborted) controller.abort(closing.reason);
    // A client that left while it was being authenticated gets no second event.
    if (answer.destroyed) controller.abort(gone());
    else running.add(controller);
    answer.once('close', () => {
      running.delete(controller);
      if (!answer.writableFinished) controller.abort(gone());
    });
    return controller.signal;
  };
}

const gone = (): CallerGone => new CallerGone('the caller has gone');

class CallerGone extends Error {
  override readonly name = 'CallerGone';
}

/** What a connection that is cut throws in those who read from it or write to it. */
const cut = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR']);

/** Whether this failed because nobody waits for its answer any more, which is everyday life and no fault. */
export function isCallerGone(error: unknown, answer: Pick<ServerResponse, 'destroyed'>): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one instanceof CallerGone) return true;
    if (answer.destroyed && 'code' in one && cut.has(String(one.code))) return true;
  }
  return false;
}
