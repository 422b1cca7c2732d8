import { sql } from '#kysely';

import type { Db, Tx } from './context.ts';
import { afterCommit } from './transact.ts';

/**
 * A notification says "check your table now". It carries names and ids, never facts, and may be lost: a listener also polls. So notifications are
 * sent after the commit, outside any transaction (NOTIFY inside one makes commits queue behind a global lock), and those within a few milliseconds
 * are sent together.
 */
export type NotificationTopic = 'events' | 'jobs' | 'uploads';
export const notificationChannel = (topic: NotificationTopic): string => `safelight_${topic}`;

export type NotificationMessage = { channel: string; payload: string };
export type PublishNotifications = (messages: readonly NotificationMessage[]) => Promise<void>;
const publishers = new WeakMap<Db, PublishNotifications>();

/** Sends the notifications about this database by another way than its own NOTIFY. */
export const publishNotificationsBy = (db: Db, publish: PublishNotifications): void => void publishers.set(db, publish);

/** The first one is sent at once, those of the next milliseconds together. */
const gatherMs = 5;
/** Postgres refuses payloads of 8000 bytes and more. */
const payloadLimit = 7000;
const gathered = new WeakMap<Db, Map<NotificationTopic, Set<string>>>();
const sentAt = new WeakMap<Db, number>();

/** Sends the notification once the transaction has committed. */
export function notifyAfterCommit(tx: Tx, topic: NotificationTopic, item: string): void {
  afterCommit(tx, (db) => notify(db, topic, item));
}

/** Sends a notification soon. `item` must not contain a comma. */
export function notify(db: Db, topic: NotificationTopic, item: string): void {
  let topics = gathered.get(db);
  if (topics === undefined) {
    topics = new Map();
    gathered.set(db, topics);
    setTimeout(() => void send(db), Math.max(0, (sentAt.get(db) ?? 0) + gatherMs - performance.now()));
  }
  const items = topics.get(topic) ?? new Set();
  topics.set(topic, items.add(item));
}

async function send(db: Db): Promise<void> {
  const topics = gathered.get(db) ?? new Map<NotificationTopic, Set<string>>();
  gathered.delete(db);
  sentAt.set(db, performance.now());
  const messages = [...topics].flatMap(([topic, items]) => packed(items).map((payload) => ({ channel: notificationChannel(topic), payload })));
  try {
    await (publishers.get(db) ?? notifyBy(db))(messages);
  } catch {
    // Notifications may be lost: their connection is closing or gone, and the listeners poll.
  }
}

const notifyBy =
  (db: Db): PublishNotifications =>
  async (messages) => {
    await sql`
      select pg_notify(m.channel, m.payload)
      from jsonb_to_recordset(${JSON.stringify(messages)}::jsonb) as m (channel text, payload text)`.execute(db);
  };

/** Joins items by commas, in as few payloads as possible. */
function packed(items: Set<string>): string[] {
  const payloads: string[] = [];
  let payload = '';
  for (const item of items) {
    if (payload.length + item.length + 1 > payloadLimit) {
      payloads.push(payload);
      payload = '';
    }
    payload = payload === '' ? item : `${payload},${item}`;
  }
  return [...payloads, payload];
}
