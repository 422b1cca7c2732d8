import { setTimeout as delay } from 'node:timers/promises';

import type { Db } from '../lib/context.ts';
import type { Hearing } from '../lib/listen-for-hints.ts';
import type { Log } from '../lib/log.ts';
import { cursorAt, positionsOf, unknownCursor, type Positions } from './cursor.ts';
import { readAfter, readHeads, readStory } from './event-rows.ts';
import { openTail } from './open-tail.ts';
import type { StoredEvent } from './stored-event.ts';

export type EventFilter = {
  jobId?: string | undefined;
  mediaId?: string | undefined;
  entity?: { type: string; id: string } | undefined;
  /** Whether the follower may see it. */
  visible(event: StoredEvent): boolean;
};

export type FollowOptions = {
  /**
   * The last cursor the follower has seen: all that came after it is replayed first, as far back as events are kept. Null begins now; with
   * a `jobId` it begins with what that job has told so far (without its progress), so that who asks late still hears how it ended.
   */
  after: string | null;
  filter: EventFilter;
  /** How a follower ends. */
  signal: AbortSignal;
};

export type Followed = { cursor: string; event: StoredEvent };

export type EventFeed = {
  /**
   * Resolves when following has begun: what is told from then on comes. Events come as they become durable, each once and in their
   * shard's order, until the signal aborts or the feed closes. Reads as slowly as it is consumed and keeps nothing for a follower that
   * is slow. Throws `invalid_request` for a cursor that no server gave out.
   */
  follow(options: FollowOptions): Promise<AsyncGenerator<Followed, void, undefined>>;
  /** Ends every follower. */
  close(): Promise<void>;
};

type Begun = { positions: Positions; story: readonly StoredEvent[]; filter: EventFilter; signal: AbortSignal; waker: Waker; leave: () => void };
type Waker = { wake: () => void; next: () => Promise<void> };

const batch = 200;
const retryMs = 1_000;

/** One for a process: all its followers share what is read. */
export function openEventFeed(options: { db: Db; hearing: Hearing; log: Log; pollMs?: number }): EventFeed {
  const { db, log } = options;
  const tail = openTail({ db, hearing: options.hearing, log, pollMs: options.pollMs ?? 2_000 });

  async function follow({ after, filter, signal }: FollowOptions): Promise<AsyncGenerator<Followed, void, undefined>> {
    const waker = newWaker();
    const leave = await tail.join(waker.wake);
    // Also when nobody ever reads from the generator.
    signal.addEventListener('abort', leave, { once: true });
    try {
      const positions = after === null ? tail.heads() : await positionsFrom(after);
      const story = after === null && filter.jobId !== undefined ? await readStory(db, filter.jobId, positions) : [];
      return tell({ positions, story, filter, signal, waker, leave });
    } catch (cause) {
      leave();
      throw cause;
    }
  }

  async function* tell(begun: Begun): AsyncGenerator<Followed, void, undefined> {
    const { positions, story, filter, signal, waker, leave } = begun;
    const ended = (): boolean => signal.aborted || tail.closed();
    signal.addEventListener('abort', waker.wake, { once: true });
    try {
      for (const event of story) {
        if (ended()) return;
        if (matches(event, filter)) yield { cursor: cursorAt(positions.with(event.shard, event.seq)), event };
      }
      while (!ended()) {
        const awake = waker.next();
        const events = await next(positions, signal);
        if (events?.length === 0 && !ended()) await awake;
        for (const event of events ?? []) {
          if (ended()) return;
          positions[event.shard] = event.seq;
          if (matches(event, filter)) yield { cursor: cursorAt(positions), event };
        }
      }
    } finally {
      leave();
      signal.removeEventListener('abort', leave);
      signal.removeEventListener('abort', waker.wake);
    }
  }

  async function positionsFrom(cursor: string): Promise<Positions> {
    const positions = positionsOf(cursor);
    const beyond = (heads: Positions): boolean => positions.some((seq, shard) => seq > (heads[shard] ?? 0));
    // Another server may have been faster than this one; the database cannot be.
    if (beyond(tail.heads()) && beyond(await readHeads(db))) throw unknownCursor();
    return positions;
  }

  /** What comes after the positions, from memory where that goes back far enough; none when all has been seen, undefined when that could not be told. */
  async function next(positions: Positions, signal: AbortSignal): Promise<readonly StoredEvent[] | undefined> {
    const heads = tail.heads();
    const behind: { shard: number; seq: number }[] = [];
    const events: StoredEvent[] = [];
    for (const [shard, seq] of positions.entries()) {
      const remembered = tail.after(shard, seq);
      if (remembered === undefined) behind.push({ shard, seq });
      else events.push(...remembered);
    }
    if (behind.length === 0) return events;
    try {
      const read = await readAfter(db, behind, batch);
      for (const { shard } of behind) {
        // Nothing left of what was told there meanwhile.
        if (!read.some((event) => event.shard === shard)) positions[shard] = Math.max(positions[shard] ?? 0, heads[shard] ?? 0);
      }
      return [...events, ...read];
    } catch (cause) {
      log.warn({ err: cause }, 'Events could not be replayed; trying again.');
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
      return undefined;
    }
  }

  return { follow, close: async () => await tail.close() };
}

function matches(event: StoredEvent, filter: EventFilter): boolean {
  if (filter.jobId !== undefined && event.jobId !== filter.jobId) return false;
  if (filter.mediaId !== undefined && event.mediaId !== filter.mediaId) return false;
  if (filter.entity !== undefined && (event.entity?.type !== filter.entity.type || event.entity.id !== filter.entity.id)) return false;
  return filter.visible(event);
}

/** `next()` resolves at the first `wake()` after it was called. */
function newWaker(): Waker {
  let pending = Promise.withResolvers<void>();
  return {
    wake: () => pending.resolve(),
    next: async () => {
      pending = Promise.withResolvers<void>();
      await pending.promise;
    },
  };
}
