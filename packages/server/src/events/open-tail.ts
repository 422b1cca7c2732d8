import type { Db } from '../lib/context.ts';
import type { Hearing } from '../lib/listen-for-hints.ts';
import type { Log } from '../lib/log.ts';
import { followedAt, type Positions } from './cursor.ts';
import { readAfter, readHeads } from './event-rows.ts';
import { shardCount } from './shards.ts';
import type { Followed, StoredEvent } from './stored-event.ts';

/**
 * The newest events in one line, read once for all followers in this process. It reads when it is hinted to and every `pollMs`, and only
 * while somebody follows. Who is further behind than it remembers reads for himself.
 */
export type Tail = {
  /** Resolves when the tail is up to date. Answers how to leave. */
  join(): Promise<() => void>;
  /** Of each shard the last event in the line. Not changed later. */
  heads(): Positions;
  /** The number in the line that the next event will have. */
  end(): number;
  /** What stands in the line from that number on, undefined when some of it is no longer kept. */
  from(number: number): readonly Followed[] | undefined;
  /** What stands in the line after these positions, undefined when some of it is no longer kept. */
  after(positions: Positions): readonly StoredEvent[] | undefined;
  /** Resolves when all that is durable now stands in the line. */
  catchUp(): Promise<void>;
  closed(): boolean;
  close(): Promise<void>;
};

const kept = 2_000;
const readLimit = 500;

/** `onMore` hears of each addition to the line at once. */
export function openTail(options: { db: Db; hearing: Hearing; log: Log; pollMs: number; onMore(entries: readonly Followed[]): void }): Tail {
  const { db, log } = options;
  let line: Followed[] = [];
  /** The number of the first that is kept, and the positions before it. */
  let first = { number: 0, positions: nowhere };
  let heads: Positions = nowhere;
  /** Nobody followed for a while, so that what was kept is no longer the newest. */
  let stale = true;
  let closed = false;
  let followers = 0;

  const refresh = async (): Promise<void> => {
    if (!stale) return;
    heads = await readHeads(db);
    first = { number: first.number + line.length, positions: heads };
    line = [];
    stale = false;
  };
  const read = async (): Promise<void> => {
    for (;;) {
      if (followers === 0) stale = true;
      if (stale || closed) return;
      const events = await readAfter(
        db,
        heads.map((seq, shard) => ({ shard, seq })),
        readLimit,
      );
      if (events.length > 0) append(events);
      if (events.length < readLimit) return;
    }
  };
  const append = (events: readonly StoredEvent[]): void => {
    const entries = events.map((event) => {
      heads = heads.with(event.shard, event.seq);
      return followedAt(event, heads);
    });
    line.push(...entries);
    if (line.length >= 2 * kept) {
      const dropped = line.splice(0, line.length - kept);
      const positions = [...first.positions];
      for (const { event } of dropped) positions[event.shard] = event.seq;
      first = { number: first.number + dropped.length, positions };
    }
    options.onMore(entries);
  };

  // One at a time; a read that is asked for while one waits its turn is the same one.
  let turn: Promise<unknown> = Promise.resolve();
  let readWaits = false;
  const inTurn = async (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    await mine;
  };
  const readSoon = (): void => {
    if (readWaits || closed || (stale && followers === 0)) return;
    readWaits = true;
    void inTurn(async () => {
      readWaits = false;
      await read();
    }).catch((cause: unknown) => log.warn({ err: cause }, 'Events could not be read; trying again.'));
  };
  const timer = setInterval(readSoon, options.pollMs);
  const deafen = options.hearing.hear('events', { onHints: readSoon, onConnected: readSoon });

  return {
    async join() {
      followers += 1;
      let hasLeft = false;
      const leave = (): void => {
        if (!hasLeft) followers -= 1;
        hasLeft = true;
      };
      try {
        await inTurn(refresh);
      } catch (cause) {
        leave();
        throw cause;
      }
      return leave;
    },
    heads: () => heads,
    end: () => first.number + line.length,
    from: (number) => (number < first.number ? undefined : line.slice(number - first.number)),
    after(positions) {
      if (first.positions.some((seq, shard) => (positions[shard] ?? 0) < seq)) return undefined;
      return line.filter(({ event }) => event.seq > (positions[event.shard] ?? 0)).map(({ event }) => event);
    },
    catchUp: async () => await inTurn(read),
    closed: () => closed,
    async close() {
      closed = true;
      clearInterval(timer);
      deafen();
      await turn;
    },
  };
}

const nowhere: Positions = Array.from({ length: shardCount }, () => 0);
