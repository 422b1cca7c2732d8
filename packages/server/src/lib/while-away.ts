import { setTimeout as delay } from 'node:timers/promises';

import { passesByItself } from './database.ts';
import { SafelightError } from './errors.ts';

const pausesSeconds = [1, 2, 4, 8, 15, 30];

/**
 * Does `work` again while the database or a store is away, for a minute at most: for what exists only in this process and would be lost with it.
 * The commit of a try may have succeeded although its answer was lost, so `work` must bear that.
 */
export async function whileAway<T>(signal: AbortSignal, work: (isAgain: boolean) => Promise<T>): Promise<T> {
  const pauses = pausesSeconds.values();
  for (let isAgain = false; ; isAgain = true) {
    try {
      return await work(isAgain);
    } catch (error) {
      const { value: seconds } = pauses.next();
      if (seconds === undefined || !isAway(error)) throw error;
      await delay(seconds * 1000, undefined, { signal });
    }
  }
}

const isAway = (error: unknown): boolean => (error instanceof SafelightError && error.code === 'storage_unavailable') || passesByItself(error);
