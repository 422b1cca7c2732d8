import { randomUUIDv7 } from 'node:crypto';

import { webhookTest, type Delivery, type webhookReplaySchema } from '@safelight/contract/webhooks';
import type { z } from 'zod';

import type { Tx } from '../../lib/context.ts';
import { notFound, SafelightError } from '../../lib/errors.ts';
import { notifyAfterCommit } from '../../lib/notify.ts';
import { transact } from '../../lib/transact.ts';
import { requireAddress, requireEndpoint } from './endpoints.ts';
import { deliveryColumns, renderDelivery, type EndpointRow } from './render-webhook.ts';
import type { WebhookContext } from './webhook-context.ts';

/** Sends a test message in the same way as any other. */
export async function testWebhook(ctx: WebhookContext, { id }: { id: string }): Promise<Delivery> {
  const { url } = await requireEndpoint(ctx.site.db, id);
  await requireAddress(ctx, url);
  return await transact(ctx.site.db, async (tx) => {
    await requireEnabled(tx, id);
    const now = ctx.site.clock.now();
    const at = now.toISOString();
    const row = await tx
      .insertInto('webhook_delivery')
      .values({
        id: randomUUIDv7(),
        endpoint_id: id,
        event: webhookTest,
        state: 'pending',
        next_at: now,
        body: JSON.stringify({ type: webhookTest, timestamp: at, data: { at } }),
        event_at: now,
        created_at: now,
      })
      .returning(deliveryColumns)
      .executeTakeFirstOrThrow();
    wakeDeliverers(tx);
    return renderDelivery(row);
  });
}

/** Sends a delivery again, under the same webhook-id; a pending one is sent now. */
export async function redeliver(ctx: WebhookContext, { id, deliveryId }: { id: string; deliveryId: string }): Promise<Delivery> {
  return await transact(ctx.site.db, async (tx) => {
    await requireEnabled(tx, id);
    const row = await tx
      .updateTable('webhook_delivery')
      .set(again(ctx))
      .where('id', '=', deliveryId)
      .where('endpoint_id', '=', id)
      .returning(deliveryColumns)
      .executeTakeFirst();
    if (row === undefined) throw notFound('delivery');
    wakeDeliverers(tx);
    return renderDelivery(row);
  });
}

/** Delivers the events of a time span again and returns their number; pending ones stay as they are. */
export async function replayWebhook(ctx: WebhookContext, input: z.output<typeof webhookReplaySchema> & { id: string }): Promise<number> {
  const { id, since, until, only } = input;
  if (until !== undefined && new Date(until) < new Date(since))
    throw new SafelightError('invalid_request', 'until: lies before since.', { errors: [{ field: 'until', message: 'before since' }] });
  return await transact(ctx.site.db, async (tx) => {
    await requireEnabled(tx, id);
    let update = tx
      .updateTable('webhook_delivery')
      .set(again(ctx))
      .where('endpoint_id', '=', id)
      .where('event', '<>', webhookTest)
      .where('event_at', '>=', new Date(since))
      .where('state', 'in', only === 'all' ? (['dead', 'delivered'] as const) : (['dead'] as const));
    if (until !== undefined) update = update.where('event_at', '<=', new Date(until));
    const { numUpdatedRows } = await update.executeTakeFirst();
    wakeDeliverers(tx);
    return Number(numUpdatedRows);
  });
}

const again = (ctx: WebhookContext) => ({ state: 'pending' as const, step: 0, next_at: ctx.site.clock.now(), ended_at: null });

/** Deliverers follow the outbox, and check for due deliveries whenever they are woken. */
const wakeDeliverers = (tx: Tx): void => notifyAfterCommit(tx, 'events', '0');

async function requireEnabled(tx: Tx, id: string): Promise<EndpointRow> {
  const endpoint = await requireEndpoint(tx, id);
  if (endpoint.state === 'disabled') throw new SafelightError('conflict', 'The endpoint is disabled. Enable it first.');
  return endpoint;
}
