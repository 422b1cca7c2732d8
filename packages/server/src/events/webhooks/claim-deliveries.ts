import { sql } from '#kysely';

import type { Tx } from '../../lib/context.ts';
import { secondsFrom } from '../../lib/clock.ts';
import { transact } from '../../lib/transact.ts';
import { unsealSecrets } from './endpoint-secrets.ts';
import type { WebhookContext } from './webhook-context.ts';

/** Longer than an attempt may take: after a process has died, its deliveries wait this long. */
const leaseSeconds = 45;
const window = 500;

export type Claimed = {
  id: string;
  /** The number of this attempt; its outcome counts only if nobody has begun another. */
  attempts: number;
  step: number;
  body: string;
  endpoint: { id: string; url: string; secrets: string[] };
};

type Taken = Pick<Claimed, 'id' | 'attempts' | 'step' | 'body'>;

/**
 * Claims up to `limit` due deliveries of an endpoint, the longest due first, and never one about an asset for which another is in progress there.
 * Claiming locks the endpoint's row, so that this holds across all processes.
 */
export async function claimDeliveries(ctx: WebhookContext, { endpointId, limit }: { endpointId: string; limit: number }): Promise<Claimed[]> {
  return await transact(ctx.site.db, async (tx) => {
    const endpoint = await tx
      .selectFrom('webhook_endpoint')
      .selectAll()
      .where('id', '=', endpointId)
      .where('state', '=', 'enabled')
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (endpoint === undefined) return [];
    const now = ctx.site.clock.now();
    let taken = await take(tx, { endpointId, limit, now, among: window });
    // Every candidate may be about media with a delivery in progress.
    if (taken.length === 0) taken = await take(tx, { endpointId, limit, now, among: null });
    const { id, url } = endpoint;
    const secrets = taken.length === 0 ? [] : await unsealSecrets(ctx, tx, endpoint);
    return taken.map((delivery) => ({ ...delivery, endpoint: { id, url, secrets } }));
  });
}

async function take(tx: Tx, options: { endpointId: string; limit: number; now: Date; among: number | null }): Promise<Taken[]> {
  const { endpointId, limit, now, among } = options;
  const { rows } = await sql<Taken>`
    with due as (
      select id, media_id, next_at from webhook_delivery
      where endpoint_id = ${endpointId} and state = 'pending' and next_at <= ${now}
        and (claimed_until is null or claimed_until <= ${now})
      order by next_at, id limit ${among}
    ), free as (
      select distinct on (coalesce(media_id, id)) id, next_at from due
      where media_id is null or not exists (
        select from webhook_delivery other
        where other.endpoint_id = ${endpointId} and other.claimed_until > ${now} and other.media_id = due.media_id)
      order by coalesce(media_id, id), next_at, id
    ), taken as (select id from free order by next_at, id limit ${limit})
    update webhook_delivery as d set attempts = attempts + 1, claimed_until = ${secondsFrom(now, leaseSeconds)}
    from taken where d.id = taken.id
    returning d.id, d.attempts, d.step, d.body`.execute(tx);
  return rows;
}
