import type { Delivery, Webhook } from '@safelight/contract/webhooks';
import { sql, type Selectable } from '#kysely';

import type { Db } from '../../lib/context.ts';
import type { WebhookDeliveryTable, WebhookEndpointTable } from '../../lib/schema-webhooks.ts';
import { webhookIdOf } from './attempt-delivery.ts';

export type EndpointRow = Selectable<WebhookEndpointTable>;
export type DeliveryRow = Omit<Selectable<WebhookDeliveryTable>, 'body'>;

/** All columns of a delivery except its body. */
export const deliveryColumns = [
  'id',
  'endpoint_id',
  'event',
  'shard',
  'seq',
  'media_id',
  'state',
  'attempts',
  'step',
  'next_at',
  'claimed_until',
  'event_at',
  'created_at',
  'ended_at',
] as const;

const none: Webhook['counts'] = { pending: 0, delivered: 0, dead: 0 };

export async function renderWebhooks(db: Db, rows: readonly EndpointRow[]): Promise<Webhook[]> {
  const ids = rows.map(({ id }) => id);
  const { rows: counted } = await sql<{ endpoint_id: string; state: keyof Webhook['counts']; count: number }>`
    select endpoint_id, state, count(*) as count from webhook_delivery where endpoint_id = any(${ids}::uuid[])
    group by 1, 2`.execute(db);
  return rows.map((row) => {
    const counts = { ...none };
    for (const { endpoint_id, state, count } of counted) if (endpoint_id === row.id) counts[state] = count;
    return renderWebhook(row, counts);
  });
}

export const renderWebhook = (row: EndpointRow, counts: Webhook['counts'] = none): Webhook => ({
  id: row.id,
  url: row.url,
  description: row.description,
  // Only values that the contract allows are written.
  events: row.events as Webhook['events'],
  ...(row.collections === null ? {} : { collections: row.collections }),
  state: row.state,
  disabledReason: row.disabled_reason,
  failingSince: row.failing_since?.toISOString() ?? null,
  fromEnvironment: row.from_environment,
  counts,
  createdAt: row.created_at.toISOString(),
});

export const renderDelivery = (row: DeliveryRow): Delivery => ({
  id: row.id,
  webhookId: webhookIdOf(row.id),
  // Only `fanOut` and `testWebhook` write it.
  event: row.event as Delivery['event'],
  mediaId: row.media_id,
  state: row.state,
  attemptCount: row.attempts,
  nextAt: row.next_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
});
