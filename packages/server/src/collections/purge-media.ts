import type { AssetSite } from '../assets/read-media.ts';
import type { StoreSite } from '../storage/stores.ts';
import type { Context } from '../lib/context.ts';
import { emit } from '../events/emit.ts';
import { cancelJobsOf } from '../jobs/cancel-jobs-of.ts';
import { clearResultsOf } from '../jobs/clear-results-of.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { releaseArtifacts } from '../storage/ledger.ts';
import { removeObjects } from '../storage/remove-objects.ts';
import { enqueuePurge } from '../assets/enqueue-purge.ts';
import { isHeldByBuyers } from '../grants/is-held-by-buyers.ts';
import { secondsFrom } from '../lib/clock.ts';
import { lockMedia } from '../places/lock-media.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { clearNamesOf } from '../uploads/clear-names-of.ts';

/** Whether buyers still hold it is checked once a day. */
const askAgainSeconds = 86_400;
/** Server clocks differ by less than this. */
const mostSkewMs = 10 * 60_000;

/**
 * Removes a deleted asset for good once its undo window has ended: its objects are marked in the transaction that removes the row, the bytes go after
 * it. Media that buyers have a right to are kept until no right is left. An asset that was restored meanwhile stays; after a crash the sweeper
 * finishes. Throws a retryable `conflict` when the window is about to end: the database's clock chose the moment, and ours may be behind it.
 */
export async function purgeMedia(ctx: Context<AssetSite & StoreSite>, { assetId }: { assetId: string }): Promise<{ objects: number }> {
  const objects = await transact(ctx.site.db, async (tx) => {
    const row = await lockMedia(tx, assetId);
    if (row === undefined || row.undo_until === null) return null;
    const leftMs = row.undo_until.getTime() - ctx.site.clock.now().getTime();
    // It was restored and deleted again: the new window has a job of its own.
    if (leftMs > mostSkewMs) return null;
    if (leftMs > 0) throw new SafelightError('conflict', 'The undo window is still open by the clock of this worker.', { retryable: true });
    if (await isHeldByBuyers(tx, assetId)) {
      // It can be restored for as long as it is kept.
      const until = secondsFrom(ctx.site.clock.now(), askAgainSeconds);
      await tx.updateTable('asset').set({ undo_until: until }).where('id', '=', assetId).execute();
      await enqueuePurge(tx, row, until);
      return null;
    }
    const ids = await tx.selectFrom('object').select('id').where('asset_id', '=', assetId).execute();
    await releaseArtifacts(tx, assetId);
    await tx.updateTable('asset').set({ replaces: null }).where('replaces', '=', assetId).execute();
    await tx.deleteFrom('asset').where('id', '=', assetId).execute();
    // A film may be encoded for hours, and others wait for the encoder.
    await cancelJobsOf(tx, assetId, ['process', 'renew']);
    const { jobIds } = await clearNamesOf(tx, assetId);
    await clearResultsOf(tx, assetId, jobIds);
    await emit(tx, [mediaEvent(row, 'media_purged', { media: { id: row.id, collection: row.collection } })]);
    return ids.map(({ id }) => id);
  });
  if (objects === null || objects.length === 0) return { objects: 0 };
  const { removed } = await removeObjects(ctx, objects);
  return { objects: removed };
}
