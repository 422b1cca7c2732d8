import type { ServerResponse } from 'node:http';

/**
 * A signal for each request: it aborts when the caller goes before the answer is complete, and when the server closes. One set of
 * controllers instead of `AbortSignal.any`, which leaves weak references behind for every request that was ever made.
 */
export function openRequestSignals(closing: AbortSignal): (answer: ServerResponse) => AbortSignal {
  const running = new Set<AbortController>();
  const closeAll = (): void => running.forEach((controller) => controller.abort(closing.reason));
  closing.addEventListener('abort', closeAll, { once: true });
  return (answer) => {
    const controller = new AbortController();
    if (closing.aborted) controller.abort(closing.reason);
    // Whoever went while it was looked up who they are is not told of again.
    if (answer.destroyed) controller.abort(gone());
    else running.add(controller);
    answer.once('close', () => {
      running.delete(controller);
      if (!answer.writableFinished) controller.abort(gone());
    });
    return controller.signal;
  };
}

const gone = (): Error => new Error('the caller has gone');
