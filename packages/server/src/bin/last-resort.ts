import { jobInHand } from '../jobs/job-in-hand.ts';
import type { JobId } from '../lib/ids.ts';

export type Uncaught = { error: unknown; jobId: JobId | undefined };

/**
 * Hears of the first error that nobody caught, thrown or rejected, and of the job that it came from. Nobody knows what state such an error
 * leaves behind: the code that waits for it ends the process, in order. What else comes meanwhile is only told.
 */
export function hearUncaught(onLater: (error: unknown) => void): Promise<Uncaught> {
  const { promise, resolve } = Promise.withResolvers<Uncaught>();
  let isFirst = true;
  // Node hands rejections that nobody handles to the same listener.
  process.on('uncaughtException', (error: unknown) => {
    if (isFirst) resolve({ error, jobId: jobInHand() });
    else onLater(error);
    isFirst = false;
  });
  return promise;
}
