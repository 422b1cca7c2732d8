import { sql } from '#kysely';
import type pg from 'pg';

import { patienceMs } from './patience.ts';
import type { Ask } from './send-ahead.ts';
import { socketOf } from './socket-of.ts';

/** Starts the text of a statement that changes a whole collection at once, and may take minutes. */
export const ofAll = sql.raw('/* of all */ ');
const mark = '/* of all */ ';

/**
 * Gives up the connection of a statement that is not answered within `withinMs`: every statement on it then fails like on one that was reset, and the
 * outcome of a commit is as unknown. Without this, a database that freezes, or whose machine vanishes from the network, holds requests and the
 * connections of the pool for as long as the system's TCP tries: a quarter of an hour, or for ever.
 */
export const answeredInTime =
  (client: pg.PoolClient, withinMs: number, ask: Ask): Ask =>
  async (text, parameters) => {
    let isAnswered = false;
    const giveUp = (): void => void (isAnswered || socketOf(client)?.destroy());
    // After a process has been stopped and continues, its timers run before it reads answers that have come meanwhile.
    const timer = setTimeout(() => setImmediate(giveUp), text.startsWith(mark) ? Math.max(withinMs, patienceMs.databaseAnswerToAll) : withinMs);
    try {
      return await ask(text, parameters);
    } finally {
      isAnswered = true;
      clearTimeout(timer);
    }
  };
