import { setTimeout as delay } from 'node:timers/promises';

import type { Db } from '../lib/context.ts';
import type { Log } from '../lib/log.ts';
import { followedAt, type Place, type Positions } from './cursor.ts';
import { readAfter } from './event-rows.ts';
import { matches, type Follower } from './followers.ts';
import type { Tail } from './open-tail.ts';
import type { Followed } from './stored-event.ts';

export type Following = Follower & { place: Place; signal: AbortSignal };

type Reading = { db: Db; log: Log; tail: Pick<Tail, 'line'> };

/** The number of events read, passed on and held in memory for one follower at once. */
export const batch = 200;
const retryMs = 1_000;
const nothing: readonly Followed[] = [];

/** The place after everything in the line. */
export const endOf = ({ line }: Pick<Tail, 'line'>): Place & { number: number } => ({ positions: line.heads(), number: line.end() });

/** The next events for this follower; empty when the next read may find more. */
export async function readNext(reading: Reading, follower: Following): Promise<readonly Followed[]> {
  const { place, filter } = follower;
  if (place.number === null) return await approach(reading, follower);
  const more = reading.tail.line.from(place.number);
  // The follower was so slow that the line no longer holds its place.
  follower.place = more === undefined ? { ...place, number: null } : endOf(reading.tail);
  if (more?.length !== 0) return more?.filter(({ event }) => matches(event, filter)) ?? [];
  return await new Promise((resolve) => {
    follower.take = (told) => {
      follower.take = null;
      resolve(told);
    };
  });
}

/** What the line has for a follower beyond its place; advances it to the end of the line. */
export function readMeanwhile({ line }: Pick<Tail, 'line'>, follower: Following): readonly Followed[] {
  const { place, filter } = follower;
  const more = place.number === null || place.number === line.end() ? nothing : line.from(place.number);
  // Nothing to add, or the line no longer holds its place, which the next read finds.
  if (more === undefined || more.length === 0) return nothing;
  follower.place = endOf({ line });
  return more.filter(({ event }) => matches(event, filter));
}

/** Advances a follower at positions of its own towards the line: from memory as far as the line reaches back, before that from the table. */
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
      // No event of that shard is left in between.
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

/** The events that match the follower; advances `positions` past all of them. */
const passing = ({ filter }: Following, positions: number[], events: readonly Followed['event'][]): Followed[] =>
  events.flatMap((event) => {
    positions[event.shard] = event.seq;
    return matches(event, filter) ? [followedAt(event, [...positions])] : [];
  });
