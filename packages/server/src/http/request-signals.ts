import type { ServerResponse } from 'node:http';

/**
 * One signal per request: it aborts when the client disconnects before the answer is complete, and when the server closes. It uses one set of
 * controllers rather than `AbortSignal.any`, which leaves weak references behind for every past request.
 */
export function createRequestSignals(closing: AbortSignal): (answer: ServerResponse) => AbortSignal {
  const running = new Set<AbortController>();
  const closeAll = (): void => running.forEach((controller) => controller.abort(closing.reason));
  closing.addEventListener('abort', closeAll, { once: true });
  return (answer) => {
    const controller = new AbortController();
    if (closing.aborted) controller.abort(closing.reason);
    // No second event comes for a client that disconnected during authentication.
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

/** Error codes of reading from, or writing to, a connection that was cut. */
const cut = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR']);

/** Whether this failed because the client has gone, which is normal and not a fault. */
export function isCallerGone(error: unknown, answer: Pick<ServerResponse, 'destroyed'>): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one instanceof CallerGone) return true;
    if (answer.destroyed && 'code' in one && cut.has(String(one.code))) return true;
  }
  return false;
}
