import { sql } from '#kysely';

import type { Db, Tx } from './context.ts';
import { afterCommit } from './transact.ts';

/**
 * A hint says "check your table now". It carries names and ids, never facts, and may be lost: a listener also polls. So hints are sent after the
 * commit, outside any transaction (NOTIFY inside one makes commits queue behind a global lock), and those within a few milliseconds are sent
 * together.
 */
export type HintTopic = 'events' | 'jobs' | 'uploads';
export const hintChannel = (topic: HintTopic): string => `safelight_${topic}`;

export type HintMessage = { channel: string; payload: string };
export type PublishHints = (messages: readonly HintMessage[]) => Promise<void>;
const publishers = new WeakMap<Db, PublishHints>();

/** Sends the hints about this database by another way than its own NOTIFY. */
export const publishHintsBy = (db: Db, publish: PublishHints): void => void publishers.set(db, publish);

/** The first one is sent at once, those of the next milliseconds together. */
const gatherMs = 5;
/** Postgres refuses payloads of 8000 bytes and more. */
const payloadLimit = 7000;
const gathered = new WeakMap<Db, Map<HintTopic, Set<string>>>();
const sentAt = new WeakMap<Db, number>();

/** Sends the hint once the transaction has committed. */
export function hintAfterCommit(tx: Tx, topic: HintTopic, item: string): void {
  afterCommit(tx, (db) => hint(db, topic, item));
}

/** Sends a hint soon. `item` must not contain a comma. */
export function hint(db: Db, topic: HintTopic, item: string): void {
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
  const topics = gathered.get(db) ?? new Map<HintTopic, Set<string>>();
  gathered.delete(db);
  sentAt.set(db, performance.now());
  const messages = [...topics].flatMap(([topic, items]) => packed(items).map((payload) => ({ channel: hintChannel(topic), payload })));
  try {
    await (publishers.get(db) ?? notifyBy(db))(messages);
  } catch {
    // Hints may be lost: their connection is closing or gone, and the listeners poll.
  }
}

const notifyBy =
  (db: Db): PublishHints =>
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
