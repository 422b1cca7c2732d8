import { onTestFinished } from 'vitest';

import { emit } from '../../src/events/emit.ts';
import { openEventFeed, type EventFeed, type FollowOptions } from '../../src/events/open-event-feed.ts';
import type { Followed, NewEvent } from '../../src/events/stored-event.ts';
import type { Db } from '../../src/lib/context.ts';
import { listenForNotifications } from '../../src/lib/listen-for-notifications.ts';
import { lineToPostgres } from '../../src/lib/notification-line.ts';
import { createLog } from '../../src/lib/log.ts';
import { transact } from '../../src/lib/transact.ts';
import type { TestDatabase } from './database.ts';

/** A feed like that of a server process; closed after the test. */
export async function testFeed(database: TestDatabase, options: { pollMs?: number } = {}): Promise<EventFeed> {
  const log = createLog({ level: 'silent' });
  const hearing = listenForNotifications({ open: lineToPostgres({ connectionString: database.connectionString }), log });
  await hearing.ready;
  const feed = openEventFeed({ db: database.db, hearing, log, ...options });
  onTestFinished(async () => {
    await feed.close();
    await hearing.close();
  });
  return feed;
}

export const everything = { visible: () => true };

/** Follows in the background and stores the events. */
export function collect(feed: EventFeed, options: Partial<FollowOptions> = {}): { got: Followed[]; stop: () => Promise<void> } {
  const got: Followed[] = [];
  const stopping = new AbortController();
  const done = (async () => {
    for await (const told of await feed.follow({ after: null, filter: everything, signal: stopping.signal, ...options })) got.push(...told);
  })();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await done;
  };
  onTestFinished(async () => await stop().catch(() => undefined));
  return { got, stop };
}

/** An event with a number that identifies it. */
export const told = (ownerId: string, n: number): NewEvent => ({ name: 'upload_progress', ownerId, payload: { progress: 0, message: String(n) } });
export const numberOf = ({ event }: Followed): number => Number(event.payload['message']);

export const emitOne = async (db: Db, event: NewEvent): Promise<void> => await transact(db, async (tx) => await emit(tx, [event]));
