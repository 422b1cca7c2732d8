import type { ReviewDecision } from '@safelight/contract/reviews';
import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';

import { enqueueCdnPurge } from '../assets/enqueue-purge.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { readRow, type MediaRow } from '../assets/media-row.ts';
import type { AssetContext } from '../assets/read-media.ts';
import { renderMedia } from '../assets/render-media.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Db, Tx } from '../lib/context.ts';
import { cutOver } from '../places/cut-over.ts';
import type { Verdict } from './reviewer.ts';

// The states of a review and their changes are described in review-changes.ts.

/** Identifies what is reviewed: the source. An asset made from another source inherits no decision. */
export const revisionOf = (row: Pick<MediaRow, 'id' | 'source_object_id'>): string => row.source_object_id ?? row.id;

export type AttemptFacts = Omit<Verdict, 'outcome'> & { provider: string; latencyMs: number | null; decidedBy: string | null };

export async function recordAttempt(
  db: Db | Tx,
  row: MediaRow,
  outcome: Verdict['outcome'] | 'failed',
  facts: AttemptFacts,
  error: { code: string; message: string } | null = null,
): Promise<void> {
  await db
    .insertInto('review_attempt')
    .values({
      id: randomUUIDv7(),
      asset_id: row.id,
      revision: revisionOf(row),
      provider: facts.provider,
      model: facts.model,
      outcome,
      categories: facts.categories,
      scores: JSON.stringify(facts.scores),
      reason: facts.reason,
      error: error === null ? null : JSON.stringify(error),
      latency_ms: facts.latencyMs,
      cost_units: facts.costUnits,
      decided_by: facts.decidedBy,
    })
    .execute();
}

/** Applies a decision, under the lock on the asset: the commit shows or hides it, and a replacement that waited for it takes its place. */
export async function applyDecision(
  ctx: AssetContext,
  tx: Tx,
  row: MediaRow,
  decision: ReviewDecision,
  facts: AttemptFacts,
): Promise<{ after: MediaRow; events: NewEvent[] }> {
  await recordAttempt(tx, row, decision, facts);
  await tx
    .updateTable('asset')
    .set({
      review: decision,
      review_reason: facts.reason,
      review_claimed_by: null,
      review_claimed_until: null,
      version: sql`version + 1`,
      updated_at: ctx.site.clock.now(),
      ...(row.failure?.stage === 'review' ? { failure: null } : {}),
    })
    .where('id', '=', row.id)
    .execute();
  const placed = await cutOver(ctx, tx, row.id);
  const after = await readRow(tx, row.id);
  if (after === undefined) throw new Error('an asset that this transaction holds is gone');
  if (row.published && !after.published) await enqueueCdnPurge(ctx, tx, [row]);
  const media = renderMedia(after, ctx.site.urls, 'own');
  const events: NewEvent[] = [mediaEvent(after, 'review_complete', { decision, ...(facts.reason === null ? {} : { reason: facts.reason }) }), ...placed];
  if (row.published !== after.published) events.push(mediaEvent(after, after.published ? 'media_published' : 'media_unpublished', { media }));
  return { after, events };
}
