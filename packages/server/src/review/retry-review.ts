import type { Media } from '@safelight/contract/media';

import { requireOwn } from '../assets/access.ts';
import { enqueueReviews } from '../assets/enqueue-reviews.ts';
import { lockMedia } from '../places/lock-media.ts';
import { readRow } from '../assets/media-row.ts';
import { mediaEvent } from '../assets/media-event.ts';
import type { AssetContext } from '../assets/read-media.ts';
import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import { runJobsNow } from '../jobs/run-jobs-now.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';

/** Repeats a failed review at once. Null when it is not the review that has failed. */
export async function retryReview(ctx: AssetContext, { id }: { id: string }): Promise<{ jobId: string; media: Media } | null> {
  return await transact(ctx.site.db, async (tx) => {
    const row = requireOwn(ctx.actor, await lockMedia(tx, id), ctx.site.collections);
    if (row.deleted_at !== null) throw new SafelightError('gone', 'This media was deleted. Restore it first.');
    if (row.status !== 'ready' || row.review !== 'failed') return null;
    await tx
      .updateTable('asset')
      .set((eb) => ({ review: 'queued', failure: null, version: eb('version', '+', 1), updated_at: ctx.site.clock.now() }))
      .where('id', '=', id)
      .execute();
    const [jobId] = await enqueueReviews(tx, [row]);
    if (jobId === undefined) throw new Error('queued one review and got no job');
    await runJobsNow(tx, [jobId]);
    const after = (await readRow(tx, id)) ?? row;
    await emit(tx, [mediaEvent(after, 'review_queued', {}, jobId)]);
    return { jobId, media: renderMedia(after, ctx.site.urls, 'own') };
  });
}
