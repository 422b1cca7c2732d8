import type { Media } from '@safelight/contract/media';
import { sql } from '#kysely';

import { requireVersion } from '../assets/access.ts';
import { enqueueCdnPurge } from '../assets/enqueue-purge.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { readRow, type MediaRow } from '../assets/media-row.ts';
import type { AssetContext } from '../assets/read-media.ts';
import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import { secondsFrom } from '../lib/clock.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { lockMedia } from '../places/lock-media.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { recordAttempt } from './apply-decision.ts';
import { requireOverturn } from './decide-review.ts';
import { requireReviewable } from './require-reviewable.ts';

/** After undoing a decision, the moderator holds the photo for this time. */
const claimSeconds = 600;

/**
 * Undoes a decision: the photo waits again, hidden, claimed by the moderator who undid it. A photo that already waits is returned unchanged, so a
 * repeat changes nothing. `requireOverturn` decides who may undo.
 */
export async function undoReview(ctx: AssetContext, input: { id: string; ifMatch?: string | undefined }): Promise<Media> {
  return await transact(ctx.site.db, async (tx) => {
    const row = await lockMedia(tx, input.id);
    requireReviewable(ctx, row);
    if (row.deleted_at !== null) throw new SafelightError('gone', 'This media was deleted, so there is no decision to take back.');
    requireVersion(row, input.ifMatch);
    if (row.review === 'queued') return renderMedia(row, ctx.site.urls, 'own');
    await requireUndoable(tx, row);
    await requireOverturn(ctx, tx, row, input);
    await recordAttempt(tx, row, 'waiting', {
      provider: 'manual',
      model: null,
      categories: [],
      scores: {},
      reason: `the decision “${row.review}” was taken back`,
      costUnits: null,
      latencyMs: null,
      decidedBy: ctx.actor.id,
    });
    const now = ctx.site.clock.now();
    await tx
      .updateTable('asset')
      .set({
        review: 'queued',
        review_reason: null,
        review_claimed_by: ctx.actor.id,
        review_claimed_until: secondsFrom(now, claimSeconds),
        version: sql`version + 1`,
        updated_at: now,
      })
      .where('id', '=', row.id)
      .execute();
    const after = await readRow(tx, row.id);
    if (after === undefined) throw new Error('an asset that this transaction holds is gone');
    const media = renderMedia(after, ctx.site.urls, 'own');
    if (row.published) await enqueueCdnPurge(ctx, tx, [row]);
    await emit(tx, [mediaEvent(after, 'review_queued', {}), ...(row.published ? [mediaEvent(after, 'media_unpublished', { media })] : [])]);
    return media;
  });
}

async function requireUndoable(tx: Tx, row: MediaRow): Promise<void> {
  if (row.review !== 'approved' && row.review !== 'rejected')
    throw new SafelightError('conflict', 'Nobody has decided on this media, so there is nothing to take back.');
  if (!(await readPolicy(tx, row.collection)).photoReviewEnabled)
    throw new SafelightError('conflict', `The gate of ${row.collection} is open, so nothing waits there. Decide the other way instead.`);
  const replaced = await tx.selectFrom('asset').select('id').where('replaced_by', '=', row.id).where('deleted_at', 'is not', null).executeTakeFirst();
  if (row.review === 'approved' && replaced !== undefined)
    throw new SafelightError('conflict', 'This photo has replaced another one. Restore that one, or reject this one.');
}
