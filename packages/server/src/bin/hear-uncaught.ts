import { jobInHand } from '../jobs/job-in-hand.ts';
import type { JobId } from '../lib/ids.ts';

export type Uncaught = { error: unknown; jobId: JobId | undefined };

/**
 * Resolves with the first uncaught error or unhandled rejection, and its job. Such an error leaves the process in an unknown state: the caller ends
 * it in order. Later errors are only reported.
 */
export function hearUncaught(onLater: (error: unknown) => void): Promise<Uncaught> {
  const { promise, resolve } = Promise.withResolvers<Uncaught>();
  let isFirst = true;
  // Node passes unhandled rejections to the same listener.
  process.on('uncaughtException', (error: unknown) => {
    if (isFirst) resolve({ error, jobId: jobInHand() });
    else onLater(error);
    isFirst = false;
  });
  return promise;
}
