import type { Db } from '../lib/context.ts';
import type { Hearing } from '../lib/listen-for-hints.ts';
import type { Log } from '../lib/log.ts';
import type { Positions } from './cursor.ts';
import { readAfter, readHeads } from './event-rows.ts';
import { shardCount } from './shards.ts';
import type { StoredEvent } from './stored-event.ts';

/**
 * The newest events, read once for all followers in this process. It reads when it is hinted to and every `pollMs`, and only while
 * somebody follows. It keeps a few hundred of each shard; who is further behind reads for himself.
 */
export type Tail = {
  /** Resolves when the tail is up to date. Answers how to leave; `wake` is called whenever there is more, and when the tail closes. */
  join(wake: () => void): Promise<() => void>;
  heads(): Positions;
  /** The events of the shard after `seq`, undefined when some of them are no longer kept. */
  after(shard: number, seq: number): readonly StoredEvent[] | undefined;
  closed(): boolean;
  close(): Promise<void>;
};

const kept = 250;
const readLimit = 500;

/** All events of the shard with `floor < seq <= head` are in `events`, in order. */
type ShardTail = { floor: number; head: number; events: StoredEvent[] };

export function openTail(options: { db: Db; hearing: Hearing; log: Log; pollMs: number }): Tail {
  const { db, log } = options;
  let shards: ShardTail[] = [];
  /** Nobody followed for a while, so that what was kept is no longer the newest. */
  let stale = true;
  let closed = false;
  const followers = new Set<() => void>();
  const wakeAll = (): void => followers.forEach((wake) => wake());

  const refresh = async (): Promise<void> => {
    if (!stale) return;
    shards = (await readHeads(db)).map((head) => ({ floor: head, head, events: [] }));
    stale = false;
  };
  const read = async (): Promise<void> => {
    for (;;) {
      if (followers.size === 0) stale = true;
      if (stale || closed) return;
      const before = shards.map(({ head }, shard) => ({ shard, seq: head }));
      const events = await readAfter(db, before, readLimit);
      for (const event of events) append(event);
      if (events.length > 0) wakeAll();
      if (events.length < readLimit) return;
    }
  };
  const append = (event: StoredEvent): void => {
    const shard = shards[event.shard];
    if (shard === undefined) return;
    shard.events.push(event);
    shard.head = event.seq;
    if (shard.events.length < 2 * kept) return;
    const dropped = shard.events.splice(0, shard.events.length - kept).at(-1);
    if (dropped !== undefined) shard.floor = dropped.seq;
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
    if (readWaits || closed || (stale && followers.size === 0)) return;
    readWaits = true;
    void inTurn(async () => {
      readWaits = false;
      await read();
    }).catch((cause: unknown) => log.warn({ err: cause }, 'Events could not be read; trying again.'));
  };
  const timer = setInterval(readSoon, options.pollMs);
  const deafen = options.hearing.hear('events', { onHints: readSoon, onConnected: readSoon });

  return {
    async join(wake) {
      followers.add(wake);
      try {
        await inTurn(refresh);
      } catch (cause) {
        followers.delete(wake);
        throw cause;
      }
      return () => void followers.delete(wake);
    },
    heads: () => Array.from({ length: shardCount }, (_, shard) => shards[shard]?.head ?? 0),
    after(shard, seq) {
      const { floor, head, events } = shards[shard] ?? { floor: 0, head: 0, events: [] };
      if (seq >= head) return [];
      if (seq < floor) return undefined;
      return events.slice(events.findLastIndex((event) => event.seq <= seq) + 1);
    },
    closed: () => closed,
    async close() {
      closed = true;
      clearInterval(timer);
      deafen();
      wakeAll();
      await turn;
    },
  };
}
