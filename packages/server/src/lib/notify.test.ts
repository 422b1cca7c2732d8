import { setTimeout as delay } from 'node:timers/promises';

import { sql } from '#kysely';
import { expect, onTestFinished, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { listenForNotifications, type Hearing } from './listen-for-notifications.ts';
import { lineToPostgres } from './notification-line.ts';
import { notify, notifyAfterCommit } from './notify.ts';
import { createLog } from './log.ts';
import { afterCommit, transact } from './transact.ts';

const { db, connectionString } = await testDatabase();

async function hearing(): Promise<Hearing> {
  const heard = listenForNotifications({ open: lineToPostgres({ connectionString }), log: createLog({ level: 'silent' }) });
  onTestFinished(async () => await heard.close());
  await heard.ready;
  return heard;
}

test('a callback for after the commit runs after it, and never for a transaction that was rolled back', async () => {
  const happened: string[] = [];
  await transact(db, async (tx) => {
    afterCommit(tx, () => happened.push('after'));
    await delay(5);
    happened.push('before');
  });
  await expect(
    transact(db, async (tx) => {
      afterCommit(tx, () => happened.push('never'));
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(happened).toEqual(['before', 'after']);
});

test('a retried transaction keeps only the callbacks of its last run', async () => {
  const happened: number[] = [];
  let tries = 0;
  await transact(db, async (tx) => {
    const mine = ++tries;
    afterCommit(tx, () => happened.push(mine));
    if (tries === 1) await sql`do $$ begin raise sqlstate '40001'; end $$`.execute(tx);
  });
  expect(happened).toEqual([2]);
});

test('refuses a callback for a transaction that was opened elsewhere', async () => {
  await db.transaction().execute(async (tx) => expect(() => afterCommit(tx, () => {})).toThrow('transact'));
});

test('notifications reach every listener of their topic, each item once however often it was sent', async () => {
  const heard: string[][] = [];
  const ears = await hearing();
  ears.hear('jobs', { onNotifications: (items) => heard.push(items) });
  ears.hear('events', { onNotifications: () => heard.push(['not mine']) });
  await transact(db, async (tx) => {
    for (let n = 0; n < 10; n++) notifyAfterCommit(tx, 'jobs', 'short');
    notifyAfterCommit(tx, 'jobs', 'long');
  });
  await expect.poll(() => heard).toEqual([['short', 'long']]);
});

test('items that do not fit into one message arrive in several', async () => {
  const heard = new Set<string>();
  const ears = await hearing();
  ears.hear('jobs', { onNotifications: (items) => items.forEach((item) => heard.add(item)) });
  const items = Array.from({ length: 500 }, (_, n) => `cancel:${String(n).padStart(36, '0')}`);
  for (const item of items) notify(db, 'jobs', item);
  await expect.poll(() => heard.size).toBe(items.length);
});

test('reports when it listens again after its connection was lost', async () => {
  let connected = 0;
  const ears = await hearing();
  ears.hear('jobs', { onNotifications: () => {}, onConnected: () => connected++ });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'safelight notifications%' and datname = current_database()`.execute(
    db,
  );
  await expect.poll(() => connected).toBe(1);
  await ears.close();
});
