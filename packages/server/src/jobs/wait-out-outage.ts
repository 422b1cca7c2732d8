import { setTimeout as delay } from 'node:timers/promises';

import { isUnreachable } from '../lib/database.ts';
import type { Attempt } from './attempt.ts';

const pauseMs = 500;

/**
 * Writes what became of an attempt, when the database is away as soon as it is back: unwritten it would look as if the worker had died,
 * and a job may see few deaths. Rejects when the attempt is no longer ours or the worker stops meanwhile. `write` may run again
 * after a commit whose answer was lost, so it has to change only what its claim still holds.
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
