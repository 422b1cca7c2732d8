import type { GenerationUsage } from '@safelight/contract/generation';
import { sql } from '#kysely';

import type { Actor, Db, GenerationAllowance, Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { lockStripe } from '../lib/lock-stripe.ts';
import { generatedKinds, type GeneratedKind } from './generated-kinds.ts';
import type { GenerationContext, GenerationSite } from './generation-context.ts';

type Used = { images: number; videoSeconds: number; active: number; cost: string; resetsAt: Date };

/** Days are in UTC. A generation that ended without being billed has returned its units. */
async function readUsed(db: Db | Tx, ownerId: string, currency: string): Promise<Used> {
  const { rows } = await sql<Used>`
    select coalesce(sum(reserved_units) filter (where kind = 'image' and created_at >= today.begins), 0)::int as images,
      coalesce(sum(reserved_units) filter (where kind = 'video' and created_at >= today.begins),
      0)::int as "videoSeconds",
      count(*) filter (where state in ('reserved', 'submitting', 'submitted', 'storing'))::int as active,
      coalesce(sum(cost) filter (where created_at >= today.begins and currency = ${currency}), 0)::text as cost,
      max(today.begins) + interval '1 day' as "resetsAt"
    from (select date_trunc('day', now(), 'UTC') as begins) as today left join generation on owner_id = ${ownerId}
      and (created_at >= today.begins or state in ('reserved', 'submitting', 'submitted', 'storing'))`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('a count came without a row');
  return row;
}

const allowanceOf = (actor: Actor, perOwner: GenerationAllowance): GenerationAllowance => ({ ...perOwner, ...actor.generation });

/** What the caller has generated today, and their allowance. */
export async function readGenerationUsage(
  ctx: Pick<GenerationContext, 'actor'> & { site: Pick<GenerationSite, 'db' | 'generation'> },
): Promise<GenerationUsage> {
  const { prices } = ctx.site.generation;
  const used = await readUsed(ctx.site.db, ctx.actor.id, prices.currency);
  const limit = allowanceOf(ctx.actor, ctx.site.generation.perOwner);
  return {
    images: { used: used.images, limit: limit.imagesPerDay },
    videoSeconds: { used: used.videoSeconds, limit: limit.videoSecondsPerDay },
    active: { used: used.active, limit: limit.active },
    resetsAt: used.resetsAt.toISOString(),
    cost: Object.keys(prices.models).length === 0 ? null : { amount: Number(used.cost), currency: prices.currency },
  };
}

/**
 * Refuses requests beyond the allowance with `quota_exceeded`, and makes the owner's other requests wait until the transaction that records this one
 * ends.
 */
export async function reserveAllowance(
  tx: Tx,
  ctx: Pick<GenerationContext, 'actor'> & { site: Pick<GenerationSite, 'generation'> },
  more: { kind: GeneratedKind; units: number },
): Promise<void> {
  await lockStripe(tx, 'generation', sql`${ctx.actor.id}::text`);
  const used = await readUsed(tx, ctx.actor.id, ctx.site.generation.prices.currency);
  const limit = allowanceOf(ctx.actor, ctx.site.generation.perOwner);
  if (limit.active !== null && used.active >= limit.active)
    throw new SafelightError('quota_exceeded', `${used.active} of your generations are running, and ${limit.active} may. Wait for one, or cancel one.`, {
      resetsAt: null,
    });
  const kind = generatedKinds[more.kind];
  const [today, most] = [kind.used(used), kind.perDay(limit)];
  if (most !== null && today + more.units > most)
    throw new SafelightError(
      'quota_exceeded',
      `You have used ${today} of ${most} ${kind.countedIn} today, so ${more.units} more do not fit. The count starts again at ${used.resetsAt.toISOString().slice(11, 16)} UTC.`,
      {
        resetsAt: used.resetsAt.toISOString(),
      },
    );
}
