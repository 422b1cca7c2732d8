import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Db } from '../lib/context.ts';
import type { Hearing } from '../lib/listen-for-notifications.ts';
import type { Log } from '../lib/log.ts';
import { followedAt, positionsOf, unknownCursor, type Place, type Positions } from './cursor.ts';
import { readHeads, readStory } from './event-rows.ts';
import { matches, createFollowers, type EventFilter, type Followers, type Offer } from './followers.ts';
import { openTail, type Tail } from './open-tail.ts';
import { batch, endOf, readMeanwhile, readNext, type Following } from './read-next.ts';
import type { Followed } from './stored-event.ts';

export type FollowOptions = {
  /**
   * The last cursor that the follower has seen: everything after it is replayed first, as far back as events are kept. Null starts now; with a
   * `jobId` it starts with that job's events so far (without progress), so that a late client still learns how the job ended.
   */
  after: string | null;
  filter: EventFilter;
  /**
   * Gets new events while the generator waits for some, which then does not yield them: waking thousands of generators makes garbage that lives from
   * event to event. What it does not take is yielded.
   */
  offer?: Offer;
  /** Aborts to end the follower. */
  signal: AbortSignal;
};

export type EventFeed = {
  /**
   * Resolves when following has begun: later events will arrive. Events come as they become durable, each once and in their shard's order, those that
   * are ready together at once, until the signal aborts or the feed closes. It reads only as fast as it is consumed and buffers nothing for a slow
   * follower. Throws `invalid_request` for a cursor that no server issued.
   */
  follow(options: FollowOptions): Promise<AsyncGenerator<readonly Followed[], void, undefined>>;
  followers(): number;
  /** Ends every follower. */
  close(): Promise<void>;
};

/** After this many followers other work gets a turn: a request has some thirty turns, and must not wait for thousands of streams in each. */
const slice = 20;

export type FeedOptions = {
  db: Db;
  hearing: Hearing;
  log: Log;
  pollMs?: number;
  /** Called for each event with the time from its emission until followers here got it. */
  observeDelay?: (seconds: number) => void;
};

type Feed = {
  db: Db;
  log: Log;
  tail: Tail;
  followers: Followers<Following>;
  /** Followers to be told something, in the order in which they get it. */
  due: Set<Following>;
  isTelling: boolean;
};

/** One feed per process, whose followers share all reads. Each event is read once, and costs nothing for followers that it cannot concern. */
export function openEventFeed({ db, hearing, log, pollMs = 2_000, observeDelay }: FeedOptions): EventFeed {
  const followers = createFollowers<Following>();
  const onMore = (entries: readonly Followed[], before: Place): void => {
    const now = Date.now();
    for (const { event } of entries) observeDelay?.(Math.max(0, now - event.at.getTime()) / 1000);
    for (const follower of followers.waitingFor(entries)) {
      if (feed.due.has(follower)) continue;
      // What it has not been told until here did not concern it.
      follower.place = before;
      feed.due.add(follower);
    }
    if (!feed.isTelling) void tellDue(feed);
  };
  const tail = openTail({ db, hearing, log, pollMs, onMore });
  const feed: Feed = { db, log, tail, followers, due: new Set(), isTelling: false };
  return {
    follow: async (options) => await follow(feed, options),
    followers: () => followers.all().size,
    async close() {
      const closing = tail.close();
      for (const follower of followers.all()) follower.take?.([]);
      await closing;
    },
  };
}

/**
 * Tells one follower after the other all that was read until its turn. A write to a socket is nearly all that it costs, so those that wait for an older
 * event go first, and hear of a newer one in the same write.
 */
async function tellDue(feed: Feed): Promise<void> {
  feed.isTelling = true;
  let count = 0;
  try {
    for (const follower of feed.due) {
      feed.due.delete(follower);
      tellNow(feed, follower);
      count += 1;
      if (count % slice === 0) await nextTurn();
    }
  } finally {
    feed.isTelling = false;
  }
}

function tellNow({ tail }: Feed, follower: Following): void {
  // One that was woken meanwhile reads by itself.
  if (follower.take === null) return;
  const told = readMeanwhile(tail, follower);
  const offered = told.length > 0 && told.length <= batch && !follower.signal.aborted && !tail.closed();
  if (offered && follower.offer?.(told) === true) return;
  follower.take(told);
}

async function follow(feed: Feed, { after, filter, offer, signal }: FollowOptions): Promise<AsyncGenerator<readonly Followed[], void, undefined>> {
  const { db, tail } = feed;
  const leave = await tail.join();
  // Needed even if nobody ever reads from the generator.
  signal.addEventListener('abort', leave, { once: true });
  try {
    const place = after === null ? endOf(tail) : { positions: await positionsFrom(feed, after), number: null };
    const story = after === null && filter.jobId !== undefined ? await readStory(db, filter.jobId, place.positions) : [];
    const told = story.filter((event) => matches(event, filter)).map((event) => followedAt(event, place.positions.with(event.shard, event.seq)));
    return tell(feed, { filter, offer, take: null, place, signal }, told, leave);
  } catch (cause) {
    leave();
    throw cause;
  }
}

async function* tell(feed: Feed, follower: Following, story: readonly Followed[], leave: () => void): AsyncGenerator<readonly Followed[], void, undefined> {
  const { signal } = follower;
  const ended = (): boolean => signal.aborted || feed.tail.closed();
  const wake = (): void => follower.take?.([]);
  feed.followers.add(follower);
  signal.addEventListener('abort', wake, { once: true });
  try {
    for (let told = story; !ended(); told = await readNext(feed, follower)) {
      for (let from = 0; from < told.length && !ended(); from += batch) yield told.slice(from, from + batch);
    }
  } finally {
    feed.followers.remove(follower);
    leave();
    signal.removeEventListener('abort', leave);
    signal.removeEventListener('abort', wake);
  }
}

async function positionsFrom({ db, tail }: Feed, cursor: string): Promise<Positions> {
  const positions = positionsOf(cursor);
  const beyond = (heads: Positions): boolean => positions.some((seq, shard) => seq > (heads[shard] ?? 0));
  if (!beyond(tail.line.heads())) return positions;
  // Another server may be ahead of this one, but not of the database.
  if (beyond(await readHeads(db))) throw unknownCursor();
  await tail.catchUp();
  return positions;
}
