import { setTimeout as pause } from 'node:timers/promises';

import { statusOf } from './gcs-error.ts';

const attempts = 4;
const firstPauseMs = 100;

/** Sends a request that is safe to repeat, and retries after a lost connection or when the server is busy. */
export async function tryAgain<T>(signal: AbortSignal, send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (signal.aborted || attempt === attempts || !isPassing(statusOf(error))) throw error;
    }
    await pause(firstPauseMs * 2 ** (attempt - 1), undefined, { signal });
  }
}

/** Without a status there was no complete answer. */
const isPassing = (status: number | null): boolean => status === null || status === 408 || status === 429 || status >= 500;
