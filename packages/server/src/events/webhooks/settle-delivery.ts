import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';

import { secondsFrom } from '../../lib/clock.ts';
import type { Tx } from '../../lib/context.ts';
import { transact } from '../../lib/transact.ts';
import type { Outcome } from './attempt-delivery.ts';
import type { Claimed } from './claim-deliveries.ts';
import { secondsUntil } from './schedule.ts';
import type { WebhookContext } from './webhook-context.ts';

/** After failures alone for this long, the receiver is taken for gone. */
const patienceSeconds = 5 * 86_400;

/** The result of an attempt; `disabled` is a failure after which the endpoint was disabled. */
export type Settlement = 'delivered' | 'failed' | 'disabled';

/** Records the outcome of an attempt and applies its consequences. If another process has taken the delivery over, the attempt is only recorded. */
export async function settleDelivery(ctx: WebhookContext, claimed: Claimed, outcome: Outcome): Promise<Settlement> {
  return await (outcome.ok ? succeed(ctx, claimed, outcome) : fail(ctx, claimed, outcome));
}

/** Returns a claimed delivery whose attempt was not finished. */
export async function handBack(ctx: WebhookContext, claimed: Claimed): Promise<void> {
  await ctx.site.db
    .updateTable('webhook_delivery')
    .set({ claimed_until: null })
    .where('id', '=', claimed.id)
    .where('attempts', '=', claimed.attempts)
    .execute();
}

async function succeed(ctx: WebhookContext, claimed: Claimed, outcome: Outcome): Promise<'delivered'> {
  const { at, status, ms, answer } = outcome;
  await sql`
    with told as (
      update webhook_delivery
      set state = 'delivered', next_at = null, claimed_until = null, ended_at = ${ctx.site.clock.now()}
      where id = ${claimed.id} and attempts = ${claimed.attempts}
    ), working as (
      update webhook_endpoint set failing_since = null where id = ${claimed.endpoint.id} and failing_since is not null
    )
    insert into webhook_attempt (delivery_id, number, at, status, ms, answer)
    select id, ${claimed.attempts}::integer, ${at}::timestamptz, ${status}::integer, ${ms}::integer, ${answer}
    from webhook_delivery where id = ${claimed.id}`.execute(ctx.site.db);
  return 'delivered';
}

async function fail(ctx: WebhookContext, claimed: Claimed, outcome: Outcome): Promise<'failed' | 'disabled'> {
  return await transact(ctx.site.db, async (tx) => {
    // Locks the endpoint before the delivery, in the same order as claiming.
    const endpoint = await tx
      .selectFrom('webhook_endpoint')
      .select(['state', 'failing_since'])
      .where('id', '=', claimed.endpoint.id)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (endpoint === undefined) return 'failed';
    const now = ctx.site.clock.now();
    const failingSince = endpoint.failing_since ?? outcome.at;
    const reason = endpoint.state === 'enabled' ? reasonToDisable(outcome, failingSince, now) : null;
    const seconds = secondsUntil(claimed.step + 1, { retryAfter: outcome.retryAfter });
    const over = seconds === null || reason !== null || endpoint.state === 'disabled';
    await tx
      .updateTable('webhook_delivery')
      .set({ claimed_until: null, ...(over ? dead(now) : { next_at: secondsFrom(now, seconds), step: claimed.step + 1 }) })
      .where('id', '=', claimed.id)
      .where('attempts', '=', claimed.attempts)
      .execute();
    const { at, status, ms, answer } = outcome;
    await tx.insertInto('webhook_attempt').values({ delivery_id: claimed.id, number: claimed.attempts, at, status, ms, answer }).execute();
    await tx
      .updateTable('webhook_endpoint')
      .set({ failing_since: failingSince })
      .where('id', '=', claimed.endpoint.id)
      .where('failing_since', 'is', null)
      .execute();
    if (reason === null) return 'failed';
    await giveUp(ctx, tx, claimed.endpoint, reason);
    return 'disabled';
  });
}

function reasonToDisable({ status }: Outcome, failingSince: Date, now: Date): string | null {
  if (status === 410) return 'It answered 410: it wants no more messages.';
  if (now < secondsFrom(failingSince, patienceSeconds)) return null;
  return `Every attempt has failed since ${failingSince.toISOString()}.`;
}

async function giveUp(ctx: WebhookContext, tx: Tx, { id, url }: Claimed['endpoint'], reason: string): Promise<void> {
  await disableEndpoint(tx, id, reason, ctx.site.clock.now());
  const detail = JSON.stringify({ webhookId: id, url, reason });
  await tx.insertInto('audit').values({ id: randomUUIDv7(), at: ctx.site.clock.now(), actor_id: 'system', action: 'webhook_disabled', detail }).execute();
  ctx.log.warn({ webhookId: id, reason }, 'a webhook endpoint was disabled; enable it when it works again, and replay what it missed');
}

/** Its pending deliveries become dead, and can be replayed. */
export async function disableEndpoint(tx: Tx, id: string, reason: string | null, now: Date): Promise<void> {
  await tx.updateTable('webhook_endpoint').set({ state: 'disabled', disabled_reason: reason }).where('id', '=', id).execute();
  await tx
    .updateTable('webhook_delivery')
    .set(dead(now))
    .where('endpoint_id', '=', id)
    .where('state', '=', 'pending')
    .where((or) => or.or([or('claimed_until', 'is', null), or('claimed_until', '<=', now)]))
    .execute();
}

const dead = (now: Date) => ({ state: 'dead' as const, next_at: null, claimed_until: null, ended_at: now });
