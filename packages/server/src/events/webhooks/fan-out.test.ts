import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { sql } from '#kysely';
import { expect, onTestFinished, test } from 'vitest';

import { testDatabase } from '../../../test/support/database.ts';
import { deliverers, receiver, webhookContext } from '../../../test/support/webhooks.ts';
import { transact } from '../../lib/transact.ts';
import { emit } from '../emit.ts';
import { createWebhook } from './endpoints.ts';

const database = await testDatabase({ max: 20 });
const { db } = database;
const script = fileURLToPath(new URL('../../../test/support/webhook-worker.ts', import.meta.url));

async function worker(): Promise<ChildProcess> {
  const child = fork(script, [database.connectionString], { execArgv: ['--conditions=safelight-source'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

test('each event becomes exactly one row per endpoint, whatever is killed while the rows are created', { timeout: 120_000 }, async () => {
  const ctx = webhookContext(database);
  const application = await receiver();
  for (let n = 0; n < 3; n++) await createWebhook(ctx, { url: application.url, description: '', events: ['*'], collections: null });
  let told = 0;
  const tell = async (): Promise<void> => {
    const events = Array.from({ length: 25 }, () => ({ name: 'processing_started' as const, ownerId: `owner ${told++}`, mediaId: randomUUID(), payload: {} }));
    await transact(db, async (tx) => await emit(tx, events));
  };
  for (let kill = 0; kill < 2; kill++) {
    const [one, other] = await Promise.all([worker(), worker()]);
    for (let n = 0; n < 10; n++) await tell();
    one.kill('SIGKILL');
    await tell();
    other.kill('SIGKILL');
  }
  await deliverers(database, ctx);
  const made = async (): Promise<{ endpoint_id: string; rows: number; events: number }[]> =>
    (
      await sql<{ endpoint_id: string; rows: number; events: number }>`
        select endpoint_id, count(*) as rows, count(distinct (shard, seq)) as events from webhook_delivery group by 1`.execute(db)
    ).rows;
  await expect.poll(made, { timeout: 30_000 }).toEqual(Array.from({ length: 3 }, () => ({ endpoint_id: expect.any(String), rows: told, events: told })));
  // The claims of the killed ones last until the lease ends; nothing else waits for them.
  const unclaimed = async (): Promise<number> =>
    (await sql<{ n: number }>`select count(*) as n from webhook_delivery where state = 'pending' and claimed_until is null`.execute(db)).rows[0]?.n ?? 0;
  await expect.poll(unclaimed, { timeout: 60_000 }).toBe(0);
  await sql`update webhook_delivery set claimed_until = now() where claimed_until is not null`.execute(db);
  const pending = async (): Promise<number> =>
    (await sql<{ n: number }>`select count(*) as n from webhook_delivery where state <> 'delivered'`.execute(db)).rows[0]?.n ?? 0;
  await expect.poll(pending, { timeout: 30_000 }).toBe(0);
});
