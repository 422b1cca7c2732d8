import type { Media } from '@safelight/contract/media';
import type { ReviewDecision } from '@safelight/contract/reviews';

import { requireVersion } from '../assets/access.ts';
import { lockMedia } from '../places/lock-media.ts';
import type { MediaRow } from '../assets/media-row.ts';
import type { AssetContext } from '../assets/read-media.ts';
import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { requireReviewable } from './require-reviewable.ts';
import { applyDecision, revisionOf } from './apply-decision.ts';

export type DecideReview = {
  id: string;
  decision: ReviewDecision;
  reason?: string | undefined;
  ifMatch?: string | undefined;
  /** For a service that calls back: the revision that it was asked about. */
  revision?: string;
};

/**
 * Records the decision of a moderator, or of a review service, whether an asset may be shown. Two moderators never decide the same one: if somebody
 * else has claimed or decided it, throws `conflict`. A decision can be overturned by the moderator who made it, by a manager, or with `If-Match`.
 */
export async function decideReview(ctx: AssetContext, input: DecideReview): Promise<Media> {
  if (!ctx.actor.scopes.has('media:review')) throw new SafelightError('forbidden', 'Deciding on reviews needs the scope media:review.');
  return await transact(ctx.site.db, async (tx) => {
    const row = await lockMedia(tx, input.id);
    requireReviewable(ctx, row);
    if (row.deleted_at !== null) throw new SafelightError('gone', 'This media was deleted, so there is nothing to decide.');
    requireVersion(row, input.ifMatch);
    if (row.status !== 'ready') throw new SafelightError('conflict', `Only what is ready can be reviewed; this is ${row.status}.`);
    if (input.revision !== undefined && input.revision !== revisionOf(row))
      throw new SafelightError('conflict', 'The file that was reviewed has been replaced since.');
    if (row.review === input.decision) return renderMedia(row, ctx.site.urls, 'own');
    requireTurn(ctx, row);
    await requireOverturn(ctx, tx, row, input);
    const facts = {
      provider: input.revision === undefined ? 'manual' : 'webhook',
      model: null,
      categories: [],
      scores: {},
      reason: input.reason ?? null,
      costUnits: null,
      latencyMs: null,
      decidedBy: ctx.actor.id,
    };
    const { after, events } = await applyDecision(ctx, tx, row, input.decision, facts);
    await emit(tx, events);
    return renderMedia(after, ctx.site.urls, 'own');
  });
}

function requireTurn(ctx: AssetContext, row: MediaRow): void {
  const { review_claimed_by: by, review_claimed_until: until } = row;
  if (by === null || by === ctx.actor.id || until === null || until <= ctx.site.clock.now()) return;
  throw new SafelightError('conflict', `Another moderator is looking at it until ${until.toISOString()}.`);
}

/** Allows overturning or undoing a decision to the moderator who made it, a manager, or a caller who has seen that version of it. */
export async function requireOverturn(
  ctx: AssetContext,
  tx: Tx,
  row: MediaRow,
  { ifMatch, revision }: Pick<DecideReview, 'ifMatch' | 'revision'>,
): Promise<void> {
  if (row.review !== 'approved' && row.review !== 'rejected') return;
  if (revision !== undefined)
    throw new SafelightError('conflict', `This media has been ${row.review} meanwhile. Read it again, and decide on what is there now.`);
  if (ifMatch !== undefined || ctx.actor.scopes.has('media:manage')) return;
  const last = await tx
    .selectFrom('review_attempt')
    .select('decided_by')
    .where('asset_id', '=', row.id)
    .where('outcome', 'in', ['approved', 'rejected'])
    .orderBy('id', 'desc')
    .executeTakeFirst();
  const by = last?.decided_by ?? null;
  if (by === null || by === ctx.actor.id) return;
  throw new SafelightError('conflict', `Another moderator has ${row.review} it. To overturn that, send If-Match with the version that you have seen.`);
}
