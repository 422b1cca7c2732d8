import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';

import type { Db } from '../lib/context.ts';
import type { Hearing } from '../lib/listen-for-hints.ts';
import type { Log } from '../lib/log.ts';
import { followedAt, positionsOf, unknownCursor, type Positions } from './cursor.ts';
import { readAfter, readHeads, readStory } from './event-rows.ts';
import { matches, openFollowers, type EventFilter, type Follower } from './followers.ts';
import { openTail } from './open-tail.ts';
import type { Followed } from './stored-event.ts';

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

export type EventFeed = {
  /**
   * Resolves when following has begun: what is told from then on comes. Events come as they become durable, each once and in their
   * shard's order, those that are there together at once, until the signal aborts or the feed closes. Reads as slowly as it is consumed
   * and keeps nothing for a follower that is slow. Throws `invalid_request` for a cursor that no server gave out.
   */
  follow(options: FollowOptions): Promise<AsyncGenerator<readonly Followed[], void, undefined>>;
  /** How many follow at this moment. */
  followers(): number;
  /** Ends every follower. */
  close(): Promise<void>;
};

/** How far a follower has come: up to these positions, and, once he stands in the line of the tail, before this number of it. */
type Place = { positions: Positions; number: number | null };
type Following = Follower & { place: Place; signal: AbortSignal };

/** As much as is read, handed out and kept in memory for one follower at once. */
const batch = 200;
/** After so many followers others get their turn: a request that came meanwhile must not wait for thousands of streams. */
const slice = 250;
const retryMs = 1_000;

/** One for a process: all its followers share what is read. An event is looked at once, and costs nothing for whom it cannot concern. */
export function openEventFeed(options: {
  db: Db;
  hearing: Hearing;
  log: Log;
  pollMs?: number;
  /** Hears of each event how long it took from its telling until followers here were given it. */
  observeDelay?: (seconds: number) => void;
}): EventFeed {
  const { db, log } = options;
  const followers = openFollowers<Following>();
  const tail = openTail({ db, hearing: options.hearing, log, pollMs: options.pollMs ?? 2_000, onMore: (entries) => void handOut(entries) });

  async function handOut(entries: readonly Followed[]): Promise<void> {
    const now = Date.now();
    for (const { event } of entries) options.observeDelay?.(Math.max(0, now - event.at.getTime()) / 1000);
    const place = { positions: tail.heads(), number: tail.end() };
    const found = [...followers.waitingFor(entries)].map(([follower, told]) => {
      const { take } = follower;
      follower.take = null;
      follower.place = place;
      return () => take?.(told);
    });
    for (const [index, hand] of found.entries()) {
      hand();
      if (index % slice === slice - 1) await nextTurn();
    }
  }

  async function follow({ after, filter, signal }: FollowOptions): Promise<AsyncGenerator<readonly Followed[], void, undefined>> {
    const leave = await tail.join();
    // Also when nobody ever reads from the generator.
    signal.addEventListener('abort', leave, { once: true });
    try {
      const place = after === null ? { positions: tail.heads(), number: tail.end() } : { positions: await positionsFrom(after), number: null };
      const story = after === null && filter.jobId !== undefined ? await readStory(db, filter.jobId, place.positions) : [];
      const told = story.filter((event) => matches(event, filter)).map((event) => followedAt(event, place.positions.with(event.shard, event.seq)));
      return tell({ filter, take: null, place, signal }, told, leave);
    } catch (cause) {
      leave();
      throw cause;
    }
  }

  async function* tell(follower: Following, story: readonly Followed[], leave: () => void): AsyncGenerator<readonly Followed[], void, undefined> {
    const { signal } = follower;
    const ended = (): boolean => signal.aborted || tail.closed();
    const wake = (): void => follower.take?.([]);
    followers.add(follower);
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (let told = story; !ended(); told = await next(follower)) {
        for (let from = 0; from < told.length && !ended(); from += batch) yield told.slice(from, from + batch);
      }
    } finally {
      followers.remove(follower);
      leave();
      signal.removeEventListener('abort', leave);
      signal.removeEventListener('abort', wake);
    }
  }

  async function positionsFrom(cursor: string): Promise<Positions> {
    const positions = positionsOf(cursor);
    const beyond = (heads: Positions): boolean => positions.some((seq, shard) => seq > (heads[shard] ?? 0));
    if (!beyond(tail.heads())) return positions;
    // Another server may have been faster than this one; the database cannot be.
    if (beyond(await readHeads(db))) throw unknownCursor();
    await tail.catchUp();
    return positions;
  }

  /** What follows for this one; none when there may be more at once. */
  async function next(follower: Following): Promise<readonly Followed[]> {
    const { place, filter } = follower;
    if (place.number === null) return await approach(follower);
    const more = tail.from(place.number);
    // So slow that the line went on without him.
    follower.place = more === undefined ? { ...place, number: null } : { positions: tail.heads(), number: tail.end() };
    if (more?.length !== 0) return more?.filter(({ event }) => matches(event, filter)) ?? [];
    return await new Promise((resolve) => {
      follower.take = (told) => {
        follower.take = null;
        resolve(told);
      };
    });
  }

  /** Goes from positions of his own towards the line, as far as it remembers from memory, before that from the table. */
  async function approach(follower: Following): Promise<readonly Followed[]> {
    const positions = [...follower.place.positions];
    const remembered = tail.after(positions);
    const upTo = { positions: tail.heads(), number: tail.end() };
    const pass = (events: readonly Followed['event'][]): Followed[] =>
      events.flatMap((event) => {
        positions[event.shard] = event.seq;
        return matches(event, follower.filter) ? [followedAt(event, [...positions])] : [];
      });
    if (remembered !== undefined) {
      follower.place = upTo;
      return pass(remembered);
    }
    try {
      const behind = positions.map((seq, shard) => ({ shard, seq }));
      const read = (await readAfter(db, behind, batch)).filter(({ shard, seq }) => seq <= (upTo.positions[shard] ?? 0));
      const told = pass(read);
      for (const { shard } of behind) {
        // Nothing is left of what was told there meanwhile.
        if (!read.some((event) => event.shard === shard)) positions[shard] = upTo.positions[shard] ?? 0;
      }
      follower.place = { positions, number: null };
      return told;
    } catch (cause) {
      log.warn({ err: cause }, 'Events could not be replayed; trying again.');
      await delay(retryMs, undefined, { signal: follower.signal }).catch(() => undefined);
      return [];
    }
  }

  return {
    follow,
    followers: () => followers.all().size,
    async close() {
      const closing = tail.close();
      for (const follower of followers.all()) follower.take?.([]);
      await closing;
    },
  };
}
