import { randomUUIDv7 } from 'node:crypto';

import type { Webhook, webhookCreateSchema, webhookPatchSchema, WebhookWithSecret } from '@safelight/contract/webhooks';
import type { Kysely } from '#kysely';
import type { z } from 'zod';

import { AddressRefused, checkWhereItLeads } from '../../egress/guarded-request.ts';
import { secondsFrom } from '../../lib/clock.ts';
import type { Tx } from '../../lib/context.ts';
import { notFound, SafelightError } from '../../lib/errors.ts';
import type { Database } from '../../lib/schema.ts';
import { transact } from '../../lib/transact.ts';
import { readHeads } from '../event-rows.ts';
import { newSecret } from './endpoint-secrets.ts';
import { renderWebhook, renderWebhooks, type EndpointRow } from './render-webhook.ts';
import { disableEndpoint } from './settle-delivery.ts';
import type { WebhookContext, WebhookSite } from './webhook-context.ts';

/** Each endpoint means one more row for each event. */
const mostEndpoints = 100;

/** Keeps the answer by the transaction that makes what it tells of. */
type Keep = (tx: Tx, webhook: WebhookWithSecret) => Promise<void>;

/** The endpoint gets events from now on. This is the only time that the secret is shown. */
export async function createWebhook(ctx: WebhookContext, input: z.output<typeof webhookCreateSchema>, keep?: Keep): Promise<WebhookWithSecret> {
  await requireAddress(ctx, input.url);
  const [id, secret] = [randomUUIDv7(), newSecret()];
  return await transact(ctx.site.db, async (tx) => {
    const { count } = await tx.selectFrom('webhook_endpoint').select(tx.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
    if (count >= mostEndpoints)
      throw new SafelightError('conflict', `There are ${count} endpoints already; at most ${mostEndpoints} are allowed. Remove one first.`);
    const row = await tx
      .insertInto('webhook_endpoint')
      .values({
        id,
        ...input,
        secret: ctx.site.webhooks.sealing.seal(secret, id),
        cursor: JSON.stringify(await readHeads(tx)),
        created_at: ctx.site.clock.now(),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    const webhook = { ...renderWebhook(row), secret };
    await keep?.(tx, webhook);
    return webhook;
  });
}

export async function listWebhooks(ctx: WebhookContext): Promise<{ webhooks: Webhook[]; nextCursor: null }> {
  const rows = await ctx.site.db.selectFrom('webhook_endpoint').selectAll().orderBy('id').execute();
  return { webhooks: await renderWebhooks(ctx.site.db, rows), nextCursor: null };
}

export async function readWebhook(ctx: WebhookContext, { id }: { id: string }): Promise<Webhook> {
  return await rendered(ctx.site.db, await requireEndpoint(ctx.site.db, id));
}

/** Disabling drops pending deliveries; enabling starts with new events, and missed ones can be replayed. */
export async function patchWebhook(ctx: WebhookContext, { id, patch }: { id: string; patch: z.output<typeof webhookPatchSchema> }): Promise<Webhook> {
  if (patch.url !== undefined) await requireAddress(ctx, patch.url);
  return await transact(ctx.site.db, async (tx) => {
    const row = await lockOwn(tx, id);
    const { state, ...fields } = patch;
    if (Object.keys(fields).length > 0) await tx.updateTable('webhook_endpoint').set(fields).where('id', '=', id).execute();
    if (state === 'enabled' && row.state === 'disabled')
      await tx.updateTable('webhook_endpoint').set({ state, disabled_reason: null, failing_since: null }).where('id', '=', id).execute();
    if (state === 'disabled' && row.state === 'enabled') await disableEndpoint(tx, id, null, ctx.site.clock.now());
    return await rendered(tx, await requireEndpoint(tx, id));
  });
}

export async function deleteWebhook(ctx: WebhookContext, { id }: { id: string }): Promise<Webhook> {
  return await transact(ctx.site.db, async (tx) => {
    const webhook = await rendered(tx, await lockOwn(tx, id));
    await tx.deleteFrom('webhook_endpoint').where('id', '=', id).execute();
    return webhook;
  });
}

/** For a limited time messages are signed with both secrets, so that receivers can switch at any moment. */
export async function rotateWebhook(
  ctx: WebhookContext,
  { id, overlapSeconds }: { id: string; overlapSeconds: number },
  keep?: Keep,
): Promise<WebhookWithSecret> {
  const secret = newSecret();
  return await transact(ctx.site.db, async (tx) => {
    const before = await lockOwn(tx, id);
    const row = await tx
      .updateTable('webhook_endpoint')
      .set({
        secret: ctx.site.webhooks.sealing.seal(secret, id),
        previous_secret: overlapSeconds === 0 ? null : before.secret,
        previous_until: overlapSeconds === 0 ? null : secondsFrom(ctx.site.clock.now(), overlapSeconds),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const webhook = { ...(await rendered(tx, row)), secret };
    await keep?.(tx, webhook);
    return webhook;
  });
}

export async function requireEndpoint(db: Kysely<Database>, id: string): Promise<EndpointRow> {
  const row = await db.selectFrom('webhook_endpoint').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('webhook');
  return row;
}

/** Refuses an address that cannot be delivered to, as far as that is known now: its name may resolve differently later. */
export async function requireAddress(ctx: { site: Pick<WebhookSite, 'webhooks'> }, url: string): Promise<void> {
  try {
    await checkWhereItLeads(new URL(url), ctx.site.webhooks.guard, ctx.site.webhooks.resolve);
  } catch (cause) {
    if (!(cause instanceof AddressRefused)) throw cause;
    const hint = cause.isPrivate ? ' The operator allows hosts and ranges of your own network with webhooks.allowPrivate.' : '';
    throw new SafelightError('invalid_request', `url: ${cause.message}${hint}`, {
      errors: [{ field: 'url', message: cause.message }],
      cause,
    });
  }
}

async function lockOwn(tx: Tx, id: string): Promise<EndpointRow> {
  const row = await tx.selectFrom('webhook_endpoint').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined) throw notFound('webhook');
  if (row.from_environment) throw new SafelightError('conflict', 'This endpoint is set by SAFELIGHT_WEBHOOK_URL. Change it there, and start the server again.');
  return row;
}

async function rendered(db: Kysely<Database>, row: EndpointRow): Promise<Webhook> {
  const [webhook] = await renderWebhooks(db, [row]);
  return webhook ?? renderWebhook(row);
}
