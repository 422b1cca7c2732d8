import { setTimeout as delay } from 'node:timers/promises';

import { isUnreachable } from '../lib/database.ts';
import type { Attempt } from './attempt.ts';

const pauseMs = 500;

/**
 * Writes the outcome of an attempt, if necessary once the database is back: unwritten, it would look as if the worker had died, and a job may survive
 * only a few such deaths. Rejects when the attempt is no longer ours or the worker stops meanwhile. `write` may run again after a commit whose answer
 * was lost, so it must change only what its claim still holds.
 */
export async function waitOutOutage<T>(attempt: Attempt, write: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isUnreachable(error) || attempt.standing !== 'open') throw error;
      await delay(pauseMs);
      if (attempt.standing !== 'open') throw error;
    }
  }
}
