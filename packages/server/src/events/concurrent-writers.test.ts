import { setTimeout as delay } from 'node:timers/promises';

import { sql } from '#kysely';
import { expect, onTestFinished, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { everything, numberOf, testFeed, told } from '../../test/support/events.ts';
import { openDatabase } from '../lib/database.ts';
import { createLog } from '../lib/log.ts';
import { transact } from '../lib/transact.ts';
import { cursorAt } from './cursor.ts';
import { emit } from './emit.ts';
import type { EventFeed } from './open-event-feed.ts';
import { shardCount } from './shards.ts';

const database = await testDatabase({ max: 6 });
const writers = 4;
const transactions = 150;
const owners = Array.from({ length: 12 }, (_, n) => `owner ${n}`);

const below = (n: number): number => Math.floor(Math.random() * n);
const key = (owner: string, n: number): string => `${owner}: ${n}`;

/** Writes events with increasing numbers, some together, some slowly, some rolled back; returns the committed ones. */
async function write(writer: number): Promise<string[]> {
  const { db, close } = openDatabase({ connection: database.connectionString, log: createLog({ level: 'silent' }), max: 2 });
  onTestFinished(close);
  const committed: string[] = [];
  for (let t = 0; t < transactions; t++) {
    const events = Array.from({ length: 1 + below(4) }, (_, e) => told(owners[below(owners.length)] ?? '', writer * 1_000_000 + t * 10 + e));
    const fails = Math.random() < 0.15;
    const work = transact(db, async (tx) => {
      if (Math.random() < 0.5) await sql`select pg_sleep(${Math.random() * 0.004})`.execute(tx);
      await emit(tx, events);
      if (Math.random() < 0.3) await sql`select pg_sleep(${Math.random() * 0.004})`.execute(tx);
      if (fails) throw new Error('rolled back on purpose');
    });
    if (fails) await expect(work).rejects.toThrow('on purpose');
    else {
      await work;
      committed.push(...events.map((event) => key(event.ownerId, Number((event.payload as { message?: string }).message))));
    }
  }
  return committed;
}

/** Follows from the beginning, disconnecting and resuming with its last cursor, at either server. */
async function follow(feeds: readonly EventFeed[], enough: (got: readonly string[]) => boolean): Promise<string[]> {
  const got: string[] = [];
  let after = cursorAt(Array.from({ length: shardCount }, () => 0));
  const giveUp = AbortSignal.timeout(25_000);
  while (!enough(got) && !giveUp.aborted) {
    const feed = feeds[below(feeds.length)];
    const signal = AbortSignal.any([giveUp, AbortSignal.timeout(20 + below(300))]);
    const patience = 1 + below(60);
    let heard = 0;
    for await (const told of (await feed?.follow({ after, filter: everything, signal })) ?? []) {
      got.push(...told.map((followed) => key(followed.event.ownerId, numberOf(followed))));
      after = told.at(-1)?.cursor ?? after;
      if (Math.random() < 0.02) await delay(below(20));
      if (++heard === patience) break;
    }
  }
  return got;
}

test('followers that come and go miss nothing and receive nothing twice, however the writers race', { timeout: 60_000 }, async () => {
  const feeds = [await testFeed(database), await testFeed(database)];
  const writing = Array.from({ length: writers }, async (_, writer) => await write(writer));
  let total = Number.POSITIVE_INFINITY;
  const enough = (got: readonly string[]): boolean => got.length >= total;
  const following = [follow(feeds, enough), follow(feeds, enough)];
  const committed = (await Promise.all(writing)).flat();
  total = committed.length;

  for (const got of await Promise.all(following)) {
    expect(got.toSorted()).toEqual(committed.toSorted());
    // One writer's events about one owner arrive in the order of their commits.
    const last = new Map<string, number>();
    for (const entry of got) {
      const [owner = '', digits = ''] = entry.split(': ');
      const n = Number(digits);
      const stream = `${owner} by ${Math.floor(n / 1_000_000)}`;
      expect(n).toBeGreaterThan(last.get(stream) ?? -1);
      last.set(stream, n);
    }
  }
});
