import { randomUUIDv7 } from 'node:crypto';

import { expect, test } from 'vitest';

import { testDatabase } from '../../../test/support/database.ts';
import { webhookContext } from '../../../test/support/webhooks.ts';
import { createWebhook } from './endpoints.ts';
import { pruneDeliveries } from './prune-deliveries.ts';

const database = await testDatabase();
const { db } = database;

test('deliveries before the limit are deleted with their attempts, in any number; pending and newer ones stay', async () => {
  const { id: endpoint_id } = await createWebhook(webhookContext(database), { url: 'https://a.example/', description: '', events: ['*'], collections: null });
  const before = new Date('2026-01-31T00:00:00Z');
  const made = (state: 'pending' | 'delivered' | 'dead', day: string) => {
    const at = new Date(`${day}T00:00:00Z`);
    return { id: randomUUIDv7(), endpoint_id, event: 'media_published', state, body: '{}', event_at: at, created_at: at };
  };
  const gone = [...Array.from({ length: 1_200 }, () => made('delivered', '2026-01-01')), made('dead', '2026-01-30')];
  const kept = [made('pending', '2026-01-01'), made('delivered', '2026-01-31'), made('dead', '2026-02-01')];
  await db
    .insertInto('webhook_delivery')
    .values([...gone, ...kept])
    .execute();
  const attempt = (delivery_id: string) => ({ delivery_id, number: 1, at: before, status: 200, ms: 1, answer: '' });
  await db
    .insertInto('webhook_attempt')
    .values([...gone.slice(0, 3), ...kept].map(({ id }) => attempt(id)))
    .execute();
  await pruneDeliveries(db, { before, signal: new AbortController().signal });
  const left = kept.map(({ id }) => id).toSorted();
  expect((await db.selectFrom('webhook_delivery').select('id').orderBy('id').execute()).map(({ id }) => id)).toEqual(left);
  const attempts = await db.selectFrom('webhook_attempt').select('delivery_id').orderBy('delivery_id').execute();
  expect(attempts.map(({ delivery_id }) => delivery_id)).toEqual(left);
});
