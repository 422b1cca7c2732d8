import type { WebhookWithSecret } from '@safelight/contract/webhooks';

import { listDeliveries, readDelivery } from '../events/webhooks/deliveries.ts';
import { createWebhook, deleteWebhook, listWebhooks, patchWebhook, readWebhook, rotateWebhook } from '../events/webhooks/endpoints.ts';
import { redeliver, replayWebhook, testWebhook } from '../events/webhooks/send-again.ts';
import { collectionNamed } from '../policy/collection.ts';
import type { Handlers } from './bind-operation.ts';
import type { RequestContext } from './request-context.ts';

type WebhookOperation = Extract<keyof Handlers, `${string}Webhook` | `${string}Webhooks` | `${string}Deliver${string}` | 'redeliver'>;

/** An endpoint with a misspelt collection would never get an event. */
function requireCollections(
  { site: { collections } }: { site: Pick<RequestContext['site'], 'collections'> },
  names: readonly string[] | null | undefined,
): void {
  for (const name of names ?? []) collectionNamed(collections, name, 'collections');
}

/** The secrets and deliveries are the caller's alone. */
const headers = { 'cache-control': 'private, no-store' };

export const webhookHandlers: Pick<Handlers, WebhookOperation> = {
  createWebhook: async (ctx, { body }, { keepIn }) => {
    requireCollections(ctx, body.collections);
    const answerOf = (webhook: WebhookWithSecret) => ({ status: 201, body: { webhook }, headers });
    return answerOf(await createWebhook(ctx, body, async (tx, webhook) => await keepIn?.(tx, answerOf(webhook))));
  },
  listWebhooks: async (ctx) => ({ status: 200, body: await listWebhooks(ctx), headers }),
  readWebhook: async (ctx, { params }) => ({ status: 200, body: { webhook: await readWebhook(ctx, params) }, headers }),
  patchWebhook: async (ctx, { params, body }) => {
    requireCollections(ctx, body.collections);
    return { status: 200, body: { webhook: await patchWebhook(ctx, { ...params, patch: body }) }, headers };
  },
  deleteWebhook: async (ctx, { params }) => ({ status: 200, body: { webhook: await deleteWebhook(ctx, params) }, headers }),
  rotateWebhook: async (ctx, { params, body }, { keepIn }) => {
    const answerOf = (webhook: WebhookWithSecret) => ({ status: 200, body: { webhook }, headers });
    return answerOf(await rotateWebhook(ctx, { ...params, ...body }, async (tx, webhook) => await keepIn?.(tx, answerOf(webhook))));
  },
  testWebhook: async (ctx, { params }) => ({ status: 202, body: { delivery: await testWebhook(ctx, params) }, headers }),
  replayWebhook: async (ctx, { params, body }) => ({ status: 202, body: { count: await replayWebhook(ctx, { ...params, ...body }) }, headers }),
  listDeliveries: async (ctx, { params, query }) => ({ status: 200, body: await listDeliveries(ctx, { ...params, ...query }), headers }),
  readDelivery: async (ctx, { params }) => ({ status: 200, body: { delivery: await readDelivery(ctx, params) }, headers }),
  redeliver: async (ctx, { params }) => ({ status: 202, body: { delivery: await redeliver(ctx, params) }, headers }),
};
