import type { Db } from '../lib/context.ts';
import type { Hearing } from '../lib/listen-for-notifications.ts';
import type { Log } from '../lib/log.ts';
import type { Place } from './cursor.ts';
import { EventLine } from './event-line.ts';
import { readAfter, readHeads } from './event-rows.ts';
import type { Followed } from './stored-event.ts';

/**
 * The most recent events in one line, read once for all followers in this process. It reads on each notification and every `pollMs`, but only while
 * there are followers. A follower that is too far behind reads from the table itself.
 */
export type Tail = {
  line: Omit<EventLine, 'append' | 'beginAt'>;
  /** Resolves when the tail is up to date. Returns the function that leaves. */
  join(): Promise<() => void>;
  /** Resolves when every event that is durable now is in the line. */
  catchUp(): Promise<void>;
  closed(): boolean;
  close(): Promise<void>;
};

export type TailOptions = {
  db: Db;
  hearing: Hearing;
  log: Log;
  pollMs: number;
  /** Called at once with each addition to the line, and the place before it. */
  onMore(entries: readonly Followed[], before: Place): void;
};

const readLimit = 500;

export function openTail({ db, hearing, log, pollMs, onMore }: TailOptions): Tail {
  const line = new EventLine();
  const inTurn = takeTurns();
  /** Without followers for a while, the kept events are no longer the newest. */
  let stale = true;
  let closed = false;
  let followers = 0;
  let readWaits = false;

  const refresh = async (): Promise<void> => {
    if (!stale) return;
    line.beginAt(await readHeads(db));
    stale = false;
  };
  const read = async (): Promise<void> => {
    for (;;) {
      if (followers === 0) stale = true;
      if (stale || closed) return;
      const behind = line.heads().map((seq, shard) => ({ shard, seq }));
      const events = await readAfter(db, behind, readLimit);
      const before = { positions: line.heads(), number: line.end() };
      if (events.length > 0) onMore(line.append(events), before);
      if (events.length < readLimit) return;
    }
  };
  // Requests for a read share the one that waits its turn.
  const readSoon = (): void => {
    if (readWaits || closed || (stale && followers === 0)) return;
    readWaits = true;
    void inTurn(async () => {
      readWaits = false;
      await read();
    }).catch((cause: unknown) => log.warn({ err: cause }, 'Events could not be read; trying again.'));
  };
  const timer = setInterval(readSoon, pollMs);
  const deafen = hearing.hear('events', { onNotifications: readSoon, onConnected: readSoon });

  return {
    line,
    async join() {
      followers += 1;
      const leave = once(() => void (followers -= 1));
      await inTurn(refresh).catch((cause: unknown) => {
        leave();
        throw cause;
      });
      return leave;
    },
    catchUp: async () => await inTurn(read),
    closed: () => closed,
    async close() {
      closed = true;
      clearInterval(timer);
      deafen();
      await inTurn(async () => {});
    },
  };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

/** Runs one call at a time, in order. A failure rejects only its own call. */
function takeTurns(): (work: () => Promise<void>) => Promise<void> {
  let turn: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    await mine;
  };
}
