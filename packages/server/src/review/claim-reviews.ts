import type { QueuedMedia } from '@safelight/contract/reviews';
import { sql } from '#kysely';

import { selectMedia } from '../assets/media-row.ts';
import type { AssetContext } from '../assets/read-media.ts';
import { secondsFrom } from '../lib/clock.ts';
import { withinReach } from '../lib/reach.ts';
import { renderQueued } from './list-queue.ts';
import { gatedIn } from './require-reviewable.ts';

export type ClaimReviews = { collection?: string | undefined; limit: number; seconds: number };

/**
 * Takes the next out of the queue for this moderator, for a while: nobody else is given them or decides on them meanwhile. What was
 * claimed before is prolonged and counts. A moderator who leaves without releasing them holds them until the time is over.
 */
export async function claimReviews(ctx: AssetContext, input: ClaimReviews): Promise<{ media: QueuedMedia[] }> {
  const now = ctx.site.clock.now();
  const until = secondsFrom(now, input.seconds);
  const mayBe = sql`review = 'queued' and status = 'ready' and deleted_at is null
    and collection = any(${gatedIn(ctx.site.collections)}::text[]) and ${withinReach(ctx.actor, 'asset')}
    and (${input.collection ?? null}::text is null or collection = ${input.collection ?? null})`;
  // Two walks along an index each, instead of sorting all that waits. Rows that somebody is just deciding on are passed over, so that
  // nobody waits for anybody.
  const { rows } = await sql<{ id: string }>`
    with mine as (
      select id from asset where review_claimed_by = ${ctx.actor.id} and ${mayBe} order by id limit ${input.limit}
      for update skip locked
    ), others as (
      select id from asset
      where ${mayBe} and review_claimed_by is distinct from ${ctx.actor.id}
        and (review_claimed_until is null or review_claimed_until <= ${now})
      order by id limit greatest(0, ${input.limit} - (select count(*) from mine)) for update skip locked
    )
    update asset set review_claimed_by = ${ctx.actor.id}, review_claimed_until = ${until}
    where id in (select id from mine union all select id from others)
    returning id`.execute(ctx.site.db);
  if (rows.length === 0) return { media: [] };
  const claimed = await selectMedia(ctx.site.db)
    .where(
      'asset.id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('asset.id')
    .execute();
  return { media: claimed.map((row) => renderQueued(ctx, row)) };
}

/** Gives back what this moderator has claimed, some or all of it; others may take it at once. */
export async function releaseReviews(ctx: AssetContext, { ids }: { ids?: readonly string[] | undefined }): Promise<{ released: number }> {
  let query = ctx.site.db.updateTable('asset').set({ review_claimed_by: null, review_claimed_until: null }).where('review_claimed_by', '=', ctx.actor.id);
  if (ids !== undefined) query = query.where('id', 'in', ids.length === 0 ? ['00000000-0000-0000-0000-000000000000'] : [...ids]);
  const { numUpdatedRows } = await query.executeTakeFirst();
  return { released: Number(numUpdatedRows) };
}
