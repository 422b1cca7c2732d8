import { z } from 'zod';

import { pageFields } from './fields.ts';
import { mostChars } from './limits.ts';
import { eventNames } from './events.ts';

/** The events that an endpoint can ask for: `*` means all except progress events, which must be named. */
const eventChoices = ['*', ...eventNames] as const;
const eventChoiceSchema = z.enum(eventChoices).meta({ id: 'WebhookChoice', description: 'All events but progress, or an event by its name.' });

const endpointFields = {
  url: z.url({ protocol: /^https?$/ }).max(mostChars.endpointURL),
  description: z.string().max(mostChars.endpointDescription),
  events: z.array(eventChoiceSchema).min(1).max(eventChoices.length),
  collections: z.array(z.string().min(1).max(mostChars.collection)).min(1).max(100).nullable(),
};

export const webhookCreateSchema = z.strictObject({
  ...endpointFields,
  description: endpointFields.description.default(''),
  events: endpointFields.events.default(['*']),
  collections: endpointFields.collections.default(null),
});
export const webhookPatchSchema = z.strictObject({ ...endpointFields, state: z.enum(['enabled', 'disabled']) }).partial();
export const webhookRotateSchema = z.strictObject({
  overlapSeconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .default(86_400)
    .meta({ description: 'How long messages are signed with both secrets.' }),
});
export const webhookReplaySchema = z.strictObject({
  since: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }).optional(),
  only: z.enum(['failed', 'all']).default('failed'),
});

export const webhookSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    description: z.string(),
    events: z.array(z.enum(eventChoices)),
    collections: z.array(z.string()).optional(),
    state: z.enum(['enabled', 'disabled']),
    disabledReason: z.string().nullable(),
    failingSince: z.iso.datetime().nullable().meta({ description: 'The time since which every attempt has failed.' }),
    fromEnvironment: z.boolean().meta({ description: 'Set by SAFELIGHT_WEBHOOK_URL; it cannot be changed here.' }),
    counts: z.object({ pending: z.int(), delivered: z.int(), dead: z.int() }).meta({ description: 'Its deliveries of the last 30 days.' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Webhook', description: 'An endpoint of the application that receives events.' });
export type Webhook = z.infer<typeof webhookSchema>;

/** Returned only by create and rotate. */
export const webhookWithSecretSchema = webhookSchema.extend({ secret: z.string() }).meta({ id: 'WebhookWithSecret' });
export type WebhookWithSecret = z.infer<typeof webhookWithSecretSchema>;

export const webhookListSchema = z.object({ webhooks: z.array(webhookSchema), nextCursor: z.string().nullable() }).meta({ id: 'WebhookList' });

export const deliveryStates = ['pending', 'delivered', 'dead'] as const;
/** The body of a test message. */
export const webhookTest = 'webhook_test';

const deliveredEventSchema = z.enum([...eventNames, webhookTest]).meta({ id: 'DeliveredEvent', description: 'The event of a delivery.' });

const deliveryFields = {
  id: z.uuid(),
  webhookId: z.string().meta({ description: 'The `webhook-id` header of every attempt.' }),
  event: deliveredEventSchema,
  mediaId: z.uuid().nullable(),
  state: z.enum(deliveryStates),
  attemptCount: z.int(),
  nextAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
};
export const deliverySchema = z.object(deliveryFields).meta({ id: 'WebhookDelivery', description: 'One event for one endpoint.' });
export type Delivery = z.infer<typeof deliverySchema>;

export const wholeDeliverySchema = z
  .object({
    ...deliveryFields,
    body: z.looseObject({ type: z.string(), timestamp: z.string(), data: z.record(z.string(), z.unknown()) }),
    attempts: z.array(
      z.object({
        at: z.iso.datetime(),
        status: z.int().nullable().meta({ description: 'Null when there was no answer.' }),
        ms: z.int(),
        answer: z.string().meta({ description: 'The first kilobyte of the answer, or why there was none.' }),
      }),
    ),
  })
  .meta({ id: 'WholeWebhookDelivery' });
export type WholeDelivery = z.infer<typeof wholeDeliverySchema>;

export const deliveryQuerySchema = z.strictObject({
  state: z.enum(deliveryStates).optional(),
  event: deliveredEventSchema.optional(),
  ...pageFields,
});
export const deliveryListSchema = z.object({ deliveries: z.array(deliverySchema), nextCursor: z.string().nullable() }).meta({ id: 'WebhookDeliveryList' });
