import { setTimeout as delay } from 'node:timers/promises';

import type { Db } from '../lib/context.ts';
import type { Log } from '../lib/log.ts';
import { followedAt, type Positions } from './cursor.ts';
import { readAfter } from './event-rows.ts';
import { matches, type Follower } from './followers.ts';
import type { Tail } from './open-tail.ts';
import type { Followed } from './stored-event.ts';

/** How far a follower has come: up to these positions, and, once it stands in the line of the tail, before this number of it. */
export type Place = { positions: Positions; number: number | null };
export type Following = Follower & { place: Place; signal: AbortSignal };

type Reading = { db: Db; log: Log; tail: Pick<Tail, 'line'> };

/** As much as is read, handed out and kept in memory for one follower at once. */
export const batch = 200;
const retryMs = 1_000;

/** The place behind everything that the line holds now. */
export const endOf = ({ line }: Pick<Tail, 'line'>): Place & { number: number } => ({ positions: line.heads(), number: line.end() });

/** What follows for this follower; none when there may be more at once. */
export async function readNext(reading: Reading, follower: Following): Promise<readonly Followed[]> {
  const { place, filter } = follower;
  if (place.number === null) return await approach(reading, follower);
  const more = reading.tail.line.from(place.number);
  // So slow that the line went on without it.
  follower.place = more === undefined ? { ...place, number: null } : endOf(reading.tail);
  if (more?.length !== 0) return more?.filter(({ event }) => matches(event, filter)) ?? [];
  return await new Promise((resolve) => {
    follower.take = (told) => {
      follower.take = null;
      resolve(told);
    };
  });
}

/** Goes from positions of its own towards the line, as far as that remembers from memory, before that from the table. */
async function approach(reading: Reading, follower: Following): Promise<readonly Followed[]> {
  const positions = [...follower.place.positions];
  const remembered = reading.tail.line.after(positions);
  const upTo = endOf(reading.tail);
  if (remembered === undefined) return await replay(reading, follower, positions, upTo.positions);
  follower.place = upTo;
  return passing(follower, positions, remembered);
}

async function replay({ db, log }: Reading, follower: Following, positions: number[], upTo: Positions): Promise<readonly Followed[]> {
  try {
    const behind = positions.map((seq, shard) => ({ shard, seq }));
    const read = (await readAfter(db, behind, batch)).filter(({ shard, seq }) => seq <= (upTo[shard] ?? 0));
    const told = passing(follower, positions, read);
    for (const { shard } of behind) {
      // Nothing is left of what was told there meanwhile.
      if (!read.some((event) => event.shard === shard)) positions[shard] = upTo[shard] ?? 0;
    }
    follower.place = { positions, number: null };
    return told;
  } catch (cause) {
    log.warn({ err: cause }, 'Events could not be replayed; trying again.');
    await delay(retryMs, undefined, { signal: follower.signal }).catch(() => undefined);
    return [];
  }
}

/** What concerns the follower of these events, which move `positions`. */
const passing = ({ filter }: Following, positions: number[], events: readonly Followed['event'][]): Followed[] =>
  events.flatMap((event) => {
    positions[event.shard] = event.seq;
    return matches(event, filter) ? [followedAt(event, [...positions])] : [];
  });
