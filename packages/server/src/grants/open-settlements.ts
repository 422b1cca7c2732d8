import { setTimeout as delay } from 'node:timers/promises';

import type { Settlement } from './settle-downloads.ts';

export type Settlements = { add(settlements: readonly Settlement[]): void; close(): Promise<void> };

/** Nobody waits for the record, and a transaction for each answer would take as long as the answers. */
const gatherMs = 50;

/** Collects what answers have sent and records it: the first at once, those of the next moments together. */
export function openSettlements(write: (settlements: readonly Settlement[]) => Promise<void>): Settlements {
  const closing = new AbortController();
  let waiting: Settlement[] = [];
  let isWriting = false;
  let writing = Promise.resolve();
  const writeAll = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      const gathered = waiting;
      waiting = [];
      await write(gathered);
      if (!closing.signal.aborted) await delay(gatherMs, undefined, { signal: closing.signal }).catch(() => undefined);
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
