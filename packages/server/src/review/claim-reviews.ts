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
 * Claims the next photos of the queue for this moderator, for a limited time in which nobody else gets them or decides on them. Earlier claims are
 * extended and count towards the number. If a moderator leaves without releasing them, they stay claimed until that time is over.
 */
export async function claimReviews(ctx: AssetContext, input: ClaimReviews): Promise<{ media: QueuedMedia[] }> {
  const now = ctx.site.clock.now();
  const until = secondsFrom(now, input.seconds);
  const mayBe = sql`review = 'queued' and status = 'ready' and deleted_at is null
    and collection = any(${gatedIn(ctx.site.collections)}::text[]) and ${withinReach(ctx.actor, 'asset')}
    and (${input.collection ?? null}::text is null or collection = ${input.collection ?? null})`;
  // Two index scans rather than sorting the whole queue. Rows that are being decided at this moment are skipped, so that nobody waits.
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

/** Releases some or all of this moderator's claims; others may claim them at once. */
export async function releaseReviews(ctx: AssetContext, { ids }: { ids?: readonly string[] | undefined }): Promise<{ released: number }> {
  let query = ctx.site.db.updateTable('asset').set({ review_claimed_by: null, review_claimed_until: null }).where('review_claimed_by', '=', ctx.actor.id);
  if (ids !== undefined) query = query.where('id', 'in', ids.length === 0 ? ['00000000-0000-0000-0000-000000000000'] : [...ids]);
  const { numUpdatedRows } = await query.executeTakeFirst();
  return { released: Number(numUpdatedRows) };
}
