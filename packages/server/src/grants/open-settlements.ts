import { setTimeout as delay } from 'node:timers/promises';

import type { Settlement } from './settle-downloads.ts';

export type Settlements = { add(settlements: readonly Settlement[]): void; close(): Promise<void> };

type Options = {
  write: (settlements: readonly Settlement[]) => Promise<void>;
  /** Whether a write that failed with this certainly recorded nothing, so that repeating it counts no byte twice. */
  isRefused: (error: unknown) => boolean;
  /** Called for what is not written again: its bytes stay reserved. */
  onGivenUp: (error: unknown, settlements: readonly Settlement[]) => void;
};

/** Nobody waits for the record, and a transaction for each answer would take as long as the answers. */
const gatherMs = 50;
const longestPauseMs = 5_000;
/** What is kept while the database refuses it: hours of an ordinary outage, in a few megabytes. */
const mostWaiting = 20_000;

/**
 * Collects what answers have sent and records it: the first at once, those of the next moments together. What the database has refused is written
 * again, with growing pauses, and once more when closing.
 */
export function openSettlements({ write, isRefused, onGivenUp }: Options): Settlements {
  const closing = new AbortController();
  let waiting: Settlement[] = [];
  let isWriting = false;
  let writing = Promise.resolve();
  const writeAll = async (): Promise<void> => {
    isWriting = true;
    let pauseMs = gatherMs;
    while (waiting.length > 0) {
      const isLast = closing.signal.aborted;
      const gathered = waiting;
      waiting = [];
      try {
        await write(gathered);
        pauseMs = gatherMs;
      } catch (error) {
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
        const again = !isLast && isRefused(error) ? gathered.slice(0, Math.max(0, mostWaiting - waiting.length)) : [];
        waiting.unshift(...again);
        if (again.length < gathered.length) onGivenUp(error, gathered.slice(again.length));
      }
      if (!closing.signal.aborted) await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    isWriting = false;
  };
  return {
    add(settlements) {
      waiting.push(...settlements);
      if (!isWriting && waiting.length > 0) writing = writeAll();
    },
    async close() {
      closing.abort();
      await writing;
    },
  };
}
