import { setTimeout as delay } from 'node:timers/promises';

import type { Log } from '../log.ts';
import { DataDirInUse, EmbeddedPostgresRefusal } from './refusal.ts';

/** One run of Postgres, from its start to its end. */
export type PostgresRun = { pid: number; ended: Promise<void>; stop(): Promise<void> };

export type KeptRunning = {
  pid(): number;
  /** Settles when Postgres has ended for good: `unasked` when nobody called `stop`, but only the operator can start it again. */
  ended: Promise<{ unasked: boolean }>;
  stop(): Promise<void>;
};

const shortestPauseMs = 500;
const longestPauseMs = 8_000;

/**
 * Starts Postgres again whenever it ends by itself, as it does when its disk is too full for the log that a recovery writes, or when the system kills
 * it. Meanwhile requests are answered that the database is away, and jobs wait. It tries without end: a disk may be full for hours.
 */
export function keepRunning(first: PostgresRun, startOnce: (signal: AbortSignal) => Promise<PostgresRun>, log: Log): KeptRunning {
  const stopping = new AbortController();
  const { signal } = stopping;
  let current = first;
  let pauseMs = shortestPauseMs;
  const startAgain = async (): Promise<PostgresRun> => {
    for (;;) {
      await delay(pauseMs, undefined, { signal });
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      try {
        return await startOnce(signal);
      } catch (error) {
        // A command that was run beside us may have the directory for a moment; what else is refused stays refused.
        if (signal.aborted || (error instanceof EmbeddedPostgresRefusal && !(error instanceof DataDirInUse))) throw error;
        log.error({ err: error, retryInMs: pauseMs }, 'Postgres cannot be started again yet.');
      }
    }
  };
  const keep = async (): Promise<{ unasked: boolean }> => {
    for (;;) {
      const since = performance.now();
      await current.ended;
      if (signal.aborted) return { unasked: false };
      if (performance.now() - since > longestPauseMs) pauseMs = shortestPauseMs;
      try {
        current = await startAgain();
      } catch (error) {
        if (!signal.aborted) log.error({ err: error }, 'Postgres cannot be started again.');
        return { unasked: !signal.aborted };
      }
      // It was ready in the moment in which it was to stop.
      if (signal.aborted) await current.stop();
      else log.warn({ pid: current.pid }, 'Postgres runs again.');
    }
  };
  const ended = keep();
  return {
    pid: () => current.pid,
    ended,
    async stop() {
      stopping.abort();
      await current.stop();
      await ended;
    },
  };
}
