import type { Delivery, deliveryQuerySchema, WholeDelivery, wholeDeliverySchema } from '@safelight/contract/webhooks';
import type { z } from 'zod';

import { encodeCursor, idOfCursor } from '../../lib/cursor.ts';
import { notFound } from '../../lib/errors.ts';
import { requireEndpoint } from './endpoints.ts';
import { deliveryColumns, renderDelivery } from './render-webhook.ts';
import type { WebhookContext } from './webhook-context.ts';

/** The newest first. */
export async function listDeliveries(
  ctx: WebhookContext,
  { id, state, event, limit, cursor }: z.output<typeof deliveryQuerySchema> & { id: string },
): Promise<{ deliveries: Delivery[]; nextCursor: string | null }> {
  await requireEndpoint(ctx.site.db, id);
  let select = ctx.site.db
    .selectFrom('webhook_delivery')
    .select(deliveryColumns)
    .where('endpoint_id', '=', id)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (state !== undefined) select = select.where('state', '=', state);
  if (event !== undefined) select = select.where('event', '=', event);
  if (cursor !== undefined) select = select.where('id', '<', idOfCursor(cursor));
  const rows = await select.execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { deliveries: page.map(renderDelivery), nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last.id) : null };
}

/** Includes the message, and the answer to each attempt. */
export async function readDelivery(ctx: WebhookContext, { id, deliveryId }: { id: string; deliveryId: string }): Promise<WholeDelivery> {
  const row = await ctx.site.db.selectFrom('webhook_delivery').selectAll().where('id', '=', deliveryId).where('endpoint_id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('delivery');
  const attempts = await ctx.site.db.selectFrom('webhook_attempt').selectAll().where('delivery_id', '=', deliveryId).orderBy('number').execute();
  return {
    ...renderDelivery(row),
    // As `messageBody` made it.
    body: JSON.parse(row.body) as z.infer<typeof wholeDeliverySchema>['body'],
    attempts: attempts.map(({ at, status, ms, answer }) => ({ at: at.toISOString(), status, ms, answer })),
  };
}
