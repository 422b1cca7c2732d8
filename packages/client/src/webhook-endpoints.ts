import type {
  CreateWebhookBody,
  ListDeliveriesQuery,
  PatchWebhookBody,
  ReplayWebhookBody,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookWithSecret,
  WholeWebhookDelivery,
} from '@safelight/contract/api';

import { request, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type Rotation = NonNullable<RequestInput<'rotateWebhook'>['body']>;

/** The application's webhook endpoints. All of these need the scope `media:admin`. */
export interface WebhooksResource {
  /** Only this call and `rotate` return the `secret`. */
  create: (body: CreateWebhookBody, options?: CallOptions) => Promise<WebhookWithSecret>;
  list: (options?: CallOptions) => Promise<Webhook[]>;
  read: (id: string, options?: CallOptions) => Promise<Webhook>;
  /** Changes, disables or enables an endpoint. */
  patch: (id: string, body: PatchWebhookBody, options?: CallOptions) => Promise<Webhook>;
  remove: (id: string, options?: CallOptions) => Promise<Webhook>;
  /** For `overlapSeconds` (a day) messages are signed with the old secret as well. */
  rotate: (id: string, body?: Rotation, options?: CallOptions) => Promise<WebhookWithSecret>;
  /** Sends a test message; returns its delivery, which is pending until the endpoint has answered: read it again with `delivery`. */
  test: (id: string, options?: CallOptions) => Promise<WebhookDelivery>;
  /** Returns how many messages are delivered again. */
  replay: (id: string, body: ReplayWebhookBody, options?: CallOptions) => Promise<number>;
  /** One page, newest first. */
  deliveries: (id: string, query?: ListDeliveriesQuery, options?: CallOptions) => Promise<WebhookDeliveryList>;
  /** One delivery, with its body and every attempt. */
  delivery: (id: string, deliveryId: string, options?: CallOptions) => Promise<WholeWebhookDelivery>;
  redeliver: (id: string, deliveryId: string, options?: CallOptions) => Promise<WebhookDelivery>;
}

/** @internal */
export function webhooksResource(connection: Connection): WebhooksResource {
  return {
    create: async (body, options = {}) => (await request(connection, 'createWebhook', { ...options, body })).webhook,
    list: async (options = {}) => (await request(connection, 'listWebhooks', options)).webhooks,
    read: async (id, options = {}) => (await request(connection, 'readWebhook', { ...options, params: { id } })).webhook,
    patch: async (id, body, options = {}) => (await request(connection, 'patchWebhook', { ...options, params: { id }, body })).webhook,
    remove: async (id, options = {}) => (await request(connection, 'deleteWebhook', { ...options, params: { id } })).webhook,
    rotate: async (id, body = {}, options = {}) => (await request(connection, 'rotateWebhook', { ...options, params: { id }, body })).webhook,
    test: async (id, options = {}) => (await request(connection, 'testWebhook', { ...options, params: { id } })).delivery,
    replay: async (id, body, options = {}) => (await request(connection, 'replayWebhook', { ...options, params: { id }, body })).count,
    deliveries: (id, query = {}, options = {}) => request(connection, 'listDeliveries', { ...options, params: { id }, query }),
    delivery: async (id, deliveryId, options = {}) => (await request(connection, 'readDelivery', { ...options, params: { id, deliveryId } })).delivery,
    redeliver: async (id, deliveryId, options = {}) => (await request(connection, 'redeliver', { ...options, params: { id, deliveryId } })).delivery,
  };
}
