import { mostQueuedCounted } from '@safelight/contract/limits';
import type { QueuedMedia, ReviewAttempt, reviewQueueQuerySchema, reviewQueueSchema } from '@safelight/contract/reviews';
import { sql } from '#kysely';
import type { z } from 'zod';

import type { Context } from '../lib/context.ts';
import { selectMedia, type MediaRow } from '../assets/media-row.ts';
import type { AssetContext, AssetSite } from '../assets/read-media.ts';
import { renderMedia } from '../assets/render-media.ts';
import { withinReach } from '../lib/reach.ts';
import { gatedIn, requireReviewable } from './require-reviewable.ts';
import { encodeCursor, idOfCursor } from '../lib/cursor.ts';

export type ReviewQueueQuery = z.output<typeof reviewQueueQuerySchema>;

type QueueContext = Context<AssetSite & { reviewPresets: readonly string[] }>;

/**
 * The media that wait for a decision, longest waiting first, each with the moderator who has claimed it. Their pictures open under signed URLs for a
 * limited time.
 */
export async function listQueue(ctx: QueueContext, query: ReviewQueueQuery): Promise<z.output<typeof reviewQueueSchema>> {
  const [rows, total] = await Promise.all([waiting(ctx, query), countWaiting(ctx, query)]);
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    media: page.map((row) => renderQueued(ctx, row)),
    nextCursor: rows.length > query.limit && last !== undefined ? encodeCursor(last.id) : null,
    total,
    presets: [...ctx.site.reviewPresets],
  };
}

async function waiting(ctx: AssetContext, query: ReviewQueueQuery): Promise<MediaRow[]> {
  let select = selectMedia(ctx.site.db)
    // Literals (both from closed sets), so that a prepared statement, too, is planned with the index of the queue.
    .where('asset.review', '=', sql.lit(query.review))
    .where('asset.status', '=', sql.lit('ready' as const))
    .where('asset.deleted_at', 'is', null)
    .where('asset.collection', '=', sql<string>`any(${gatedIn(ctx.site.collections)}::text[])`)
    .where(withinReach(ctx.actor, 'asset'))
    .orderBy('asset.id')
    .limit(query.limit + 1);
  if (query.collection !== undefined) select = select.where('asset.collection', '=', query.collection);
  if (query.cursor !== undefined) select = select.where('asset.id', '>', idOfCursor(query.cursor));
  return await select.execute();
}

async function countWaiting(ctx: AssetContext, { review, collection }: ReviewQueueQuery): Promise<number> {
  const { rows } = await sql<{ total: number }>`
    select count(*)::int as total from (
      select from asset where review = ${sql.lit(review)} and status = 'ready' and deleted_at is null
        and collection = any(${gatedIn(ctx.site.collections)}::text[]) and ${withinReach(ctx.actor, 'asset')}
        and (${collection ?? null}::text is null or collection = ${collection ?? null})
      limit ${mostQueuedCounted}) counted`.execute(ctx.site.db);
  return rows[0]?.total ?? 0;
}

export function renderQueued(ctx: AssetContext, row: MediaRow): QueuedMedia {
  const { review_claimed_by: by, review_claimed_until: until } = row;
  return {
    ...renderMedia(row, ctx.site.urls, 'own'),
    claim: by === null || until === null || until <= ctx.site.clock.now() ? null : { by, until: until.toISOString() },
  };
}

/** All review attempts at one asset, newest first. */
export async function listReviewAttempts(ctx: AssetContext, { id }: { id: string }): Promise<{ attempts: ReviewAttempt[] }> {
  requireReviewable(ctx, await selectMedia(ctx.site.db).where('asset.id', '=', id).executeTakeFirst());
  const rows = await ctx.site.db.selectFrom('review_attempt').selectAll().where('asset_id', '=', id).orderBy('id', 'desc').limit(200).execute();
  return {
    attempts: rows.map((row) => ({
      id: row.id,
      at: row.at.toISOString(),
      provider: row.provider,
      model: row.model,
      outcome: row.outcome,
      categories: row.categories,
      scores: row.scores,
      reason: row.reason,
      error: row.error,
      latencyMs: row.latency_ms,
      costUnits: row.cost_units,
      revision: row.revision,
      decidedBy: row.decided_by,
    })),
  };
}
