import type { Delivery } from '@safelight/contract/webhooks';
import type { z } from 'zod';

import type { WebhookSite } from '../events/webhooks/webhook-context.ts';
import type { Context } from '../lib/context.ts';
import { isUuid } from '../lib/ids.ts';
import { readValue } from '../lib/read-value.ts';
import { defineCommand, UsageError, type Call } from './command.ts';
import { limitOption } from './limit-option.ts';
import { table } from './terminal.ts';
import type { DatabaseContext } from './with-database.ts';

const endpoint = { name: 'id', purpose: 'The endpoint, as "safelight webhooks list" shows it.' };
const oneDelivery = { name: 'delivery', purpose: 'The delivery, as "safelight webhooks deliveries" shows it.' };
const example = '0193a1b2-…';

/** Only uses the database; workers do the delivering. */
export async function withWebhooks<Result>(
  call: Pick<Call, 'env' | 'cwd' | 'signal'>,
  work: (ctx: Context<WebhookSite & Pick<DatabaseContext['site'], 'collections'>>) => Promise<Result>,
): Promise<Result> {
  const [{ withDatabase }, { allowedAddresses }, { createSealing }] = await Promise.all([
    import('./with-database.ts'),
    import('../egress/allowed-addresses.ts'),
    import('../lib/sealing.ts'),
  ]);
  return await withDatabase(call, async (ctx) => {
    const { db, clock, collections } = ctx.site;
    const { webhooks, environment, signingKeys } = ctx.config;
    const guard = allowedAddresses(webhooks.allowPrivate, { loopback: environment.base !== 'production' });
    return await work({ ...ctx, site: { db, clock, collections, webhooks: { guard, sealing: createSealing(signingKeys) } } });
  });
}

export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const { data, problems } = readValue(schema, input);
  if (problems === null) return data;
  throw new UsageError(problems.map(({ field, message }) => `${field}: ${message}.`).join(' '));
}

function idOf(call: Pick<Call, 'arguments'>, index = 0): string {
  const id = call.arguments[index] ?? '';
  if (!isUuid(id)) throw new UsageError(`"${id}" is not an id.`);
  return id;
}

export const list = (text: string | undefined): string[] | undefined => text?.split(/[\s,]+/).filter(Boolean);
const said = ({ id, event, state, attemptCount, nextAt }: Delivery): string[] => [id, event, state, String(attemptCount), nextAt ?? ''];
/** Loaded on demand. */
const schemas = async () => await import('@safelight/contract/webhooks');
const endpoints = async () => await import('../events/webhooks/endpoints.ts');
const again = async () => await import('../events/webhooks/send-again.ts');

export const webhooksAdd = defineCommand({
  name: 'webhooks add',
  summary: 'Add an endpoint that receives events. Its secret is shown once.',
  arguments: [{ name: 'url', purpose: 'Where messages are posted.' }],
  options: {
    events: { type: 'string', value: 'names', purpose: 'Separated by commas; * means all but progress, and is the default.' },
    collections: { type: 'string', value: 'names', purpose: 'Only events of these collections.' },
    description: { type: 'string', value: 'text', purpose: 'What it is for.' },
  },
  examples: [{ args: 'webhooks add https://shop.example/hooks/safelight --events media_published,media_deleted', purpose: 'For a search index.' }],
  async run(call) {
    const { description } = call.options;
    const input = { url: call.arguments[0], description, events: list(call.options.events), collections: list(call.options.collections) };
    const body = parse((await schemas()).webhookCreateSchema, input);
    const [{ createWebhook }, { collectionNamed }] = await Promise.all([endpoints(), import('../policy/collection.ts')]);
    const webhook = await withWebhooks(call, async (ctx) => {
      for (const name of body.collections ?? []) collectionNamed(ctx.site.collections, name);
      return await createWebhook(ctx, body);
    });
    call.terminal.note('Keep this secret: it is not shown again.');
    return { data: { webhook }, text: `${webhook.id}\n${webhook.secret}` };
  },
});

export const webhooksList = defineCommand({
  name: 'webhooks list',
  aliases: ['webhooks'],
  summary: 'List the endpoints that receive events.',
  examples: [{ args: 'webhooks', purpose: 'With the number of deliveries in the last 30 days.' }],
  async run(call) {
    const { listWebhooks } = await endpoints();
    const page = await withWebhooks(call, async (ctx) => await listWebhooks(ctx));
    if (page.webhooks.length === 0) return { data: page, text: 'There are no endpoints.' };
    const rows = page.webhooks.map(({ id, url, events, state, disabledReason, counts }) => [
      id,
      url,
      events.join(','),
      state,
      String(counts.delivered),
      String(counts.pending),
      String(counts.dead),
      disabledReason ?? '',
    ]);
    return { data: page, text: table(['id', 'url', 'events', 'state', 'delivered', 'pending', 'dead', 'says'], rows) };
  },
});

export const webhooksTest = defineCommand({
  name: 'webhooks test',
  summary: 'Send an endpoint a message of the type webhook_test; a running worker delivers it.',
  arguments: [endpoint],
  examples: [{ args: `webhooks test ${example}`, purpose: 'Then look at its deliveries.' }],
  async run(call) {
    const id = idOf(call);
    const { testWebhook } = await again();
    const delivery = await withWebhooks(call, async (ctx) => await testWebhook(ctx, { id }));
    return { data: { delivery }, text: delivery.id };
  },
});

export const webhooksDeliveries = defineCommand({
  name: 'webhooks deliveries',
  summary: 'List the deliveries to an endpoint in the last 30 days, the newest first.',
  arguments: [endpoint],
  options: {
    state: { type: 'string', value: 'state', purpose: 'Only these states: pending, delivered, dead.' },
    event: { type: 'string', value: 'name', purpose: 'Only of this event.' },
    limit: limitOption,
    cursor: { type: 'string', value: 'cursor', purpose: 'Continue after the last page.' },
  },
  examples: [{ args: `webhooks deliveries ${example} --state dead`, purpose: 'Deliveries that were given up.' }],
  async run(call) {
    const query = { ...parse((await schemas()).deliveryQuerySchema, call.options), id: idOf(call) };
    const { listDeliveries } = await import('../events/webhooks/deliveries.ts');
    const page = await withWebhooks(call, async (ctx) => await listDeliveries(ctx, query));
    if (page.deliveries.length === 0) return { data: page, text: 'There are no such deliveries.' };
    const lines = [table(['id', 'event', 'state', 'attempts', 'next'], page.deliveries.map(said))];
    if (page.nextCursor !== null) lines.push(`More: --cursor ${page.nextCursor}`);
    return { data: page, text: lines.join('\n') };
  },
});

export const webhooksRedeliver = defineCommand({
  name: 'webhooks redeliver',
  summary: 'Send one delivery once more, under the same webhook-id.',
  arguments: [endpoint, oneDelivery],
  examples: [{ args: `webhooks redeliver ${example} ${example}`, purpose: 'After the receiver was repaired.' }],
  async run(call) {
    const [id, deliveryId] = [idOf(call), idOf(call, 1)];
    const { redeliver } = await again();
    const delivery = await withWebhooks(call, async (ctx) => await redeliver(ctx, { id, deliveryId }));
    return { data: { delivery }, text: `Sent again: ${delivery.id}.` };
  },
});

export const webhooksReplay = defineCommand({
  name: 'webhooks replay',
  summary: 'Deliver the events of a period again.',
  arguments: [endpoint],
  options: {
    since: { type: 'string', value: 'time', purpose: 'ISO 8601, like 2026-11-01T00:00:00Z.' },
    until: { type: 'string', value: 'time', purpose: 'Now by default.' },
    all: { type: 'boolean', purpose: 'Also delivered messages, not only failed ones.' },
  },
  examples: [{ args: `webhooks replay ${example} --since 2026-11-01T00:00:00Z`, purpose: 'Deliveries that were given up since then.' }],
  async run(call) {
    const { since, until, all } = call.options;
    const input = { ...parse((await schemas()).webhookReplaySchema, { since, until, only: all === true ? 'all' : 'failed' }), id: idOf(call) };
    const { replayWebhook } = await again();
    const count = await withWebhooks(call, async (ctx) => await replayWebhook(ctx, input));
    return { data: { count }, text: `${count} are delivered again.` };
  },
});

export const webhooksRotate = defineCommand({
  name: 'webhooks rotate',
  summary: 'Give an endpoint a new secret, which is shown once. For a while messages are signed with both.',
  arguments: [endpoint],
  options: { overlap: { type: 'string', value: 'seconds', purpose: 'How long both are valid; a day by default.' } },
  examples: [{ args: `webhooks rotate ${example}`, purpose: 'Add the new one to the old one at the receiver within a day.' }],
  async run(call) {
    const { overlap } = call.options;
    const body = parse((await schemas()).webhookRotateSchema, overlap === undefined ? {} : { overlapSeconds: Number(overlap) });
    const id = idOf(call);
    const { rotateWebhook } = await endpoints();
    const webhook = await withWebhooks(call, async (ctx) => await rotateWebhook(ctx, { id, ...body }));
    call.terminal.note('Keep this secret: it is not shown again.');
    return { data: { webhook }, text: webhook.secret };
  },
});

const turning = <Name extends 'enable' | 'disable'>(name: Name, state: `${Name}d`, summary: string) =>
  defineCommand({
    name: `webhooks ${name}`,
    summary,
    arguments: [endpoint],
    examples: [{ args: `webhooks ${name} ${example}`, purpose: 'From now on.' }],
    async run(call) {
      const id = idOf(call);
      const { patchWebhook } = await endpoints();
      const webhook = await withWebhooks(call, async (ctx) => await patchWebhook(ctx, { id, patch: { state } }));
      return { data: { webhook }, text: `${webhook.url} is ${webhook.state}.` };
    },
  });

export const webhooksEnable = turning('enable', 'enabled', 'Enable an endpoint again; "webhooks replay" delivers what it missed.');
export const webhooksDisable = turning('disable', 'disabled', 'Disable an endpoint; what it misses can be replayed for 30 days.');

export const webhooksRemove = defineCommand({
  name: 'webhooks remove',
  summary: 'Remove an endpoint and its deliveries.',
  arguments: [endpoint],
  examples: [{ args: `webhooks remove ${example}`, purpose: 'It receives nothing more.' }],
  async run(call) {
    const id = idOf(call);
    const { deleteWebhook } = await endpoints();
    const webhook = await withWebhooks(call, async (ctx) => await deleteWebhook(ctx, { id }));
    return { data: { webhook }, text: `Removed ${webhook.url}.` };
  },
});
