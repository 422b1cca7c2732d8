import { request, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type NewWebhook = RequestInput<'createWebhook'>['body'];
export type WebhookPatch = NonNullable<RequestInput<'patchWebhook'>['body']>;
export type DeliveryQuery = NonNullable<RequestInput<'listDeliveries'>['query']>;
export type Replay = RequestInput<'replayWebhook'>['body'];

export type WebhooksResource = ReturnType<typeof webhooksResource>;

/** Endpoints of the application that are told what happens. Everything here needs `media:admin`. */
export function webhooksResource(connection: Connection) {
  return {
    /** The answer's `secret` is told here and by `rotate`, and never again. */
    create: async (body: NewWebhook, options: CallOptions = {}) => (await request(connection, 'createWebhook', { ...options, body })).webhook,
    list: async (options: CallOptions = {}) => (await request(connection, 'listWebhooks', options)).webhooks,
    read: async (id: string, options: CallOptions = {}) => (await request(connection, 'readWebhook', { ...options, params: { id } })).webhook,
    patch: async (id: string, body: WebhookPatch, options: CallOptions = {}) =>
      (await request(connection, 'patchWebhook', { ...options, params: { id }, body })).webhook,
    remove: async (id: string, options: CallOptions = {}) => (await request(connection, 'deleteWebhook', { ...options, params: { id } })).webhook,
    /** For `overlapSeconds` (a day) messages are signed with the old secret as well. */
    rotate: async (id: string, body: NonNullable<RequestInput<'rotateWebhook'>['body']> = {}, options: CallOptions = {}) =>
      (await request(connection, 'rotateWebhook', { ...options, params: { id }, body })).webhook,
    test: async (id: string, options: CallOptions = {}) => (await request(connection, 'testWebhook', { ...options, params: { id } })).delivery,
    /** Answers how many are delivered again. */
    replay: async (id: string, body: Replay, options: CallOptions = {}) =>
      (await request(connection, 'replayWebhook', { ...options, params: { id }, body })).count,
    /** One page, newest first. */
    deliveries: (id: string, query: DeliveryQuery = {}, options: CallOptions = {}) =>
      request(connection, 'listDeliveries', { ...options, params: { id }, query }),
    delivery: async (id: string, deliveryId: string, options: CallOptions = {}) =>
      (await request(connection, 'readDelivery', { ...options, params: { id, deliveryId } })).delivery,
    redeliver: async (id: string, deliveryId: string, options: CallOptions = {}) =>
      (await request(connection, 'redeliver', { ...options, params: { id, deliveryId } })).delivery,
  };
}
