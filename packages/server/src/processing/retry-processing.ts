import type { Media } from '@safelight/contract/media';

import type { AssetSite } from '../assets/read-media.ts';
import { requireOwn } from '../assets/access.ts';
import { lockMedia } from '../places/lock-media.ts';
import { renderMedia } from '../assets/render-media.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Context, DataSite } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { entityOf } from '../lib/reach.ts';

/** Retries failed processing, if that can help and the source still exists: from finalization on, if the upload did not get that far. */
export async function retryProcessing(
  ctx: Context<DataSite & Pick<AssetSite, 'collections' | 'urls'>>,
  input: { id: string; anyway?: boolean },
): Promise<{ jobId: string; media: Media }> {
  const { id } = input;
  return await transact(ctx.site.db, async (tx) => {
    const row = requireOwn(ctx.actor, await lockMedia(tx, id), ctx.site.collections);
    if (row.deleted_at !== null) throw new SafelightError('gone', 'This media was deleted. Restore it first.');
    if (row.status !== 'failed') throw new SafelightError('conflict', `Only what has failed can be retried; this is ${row.status}.`);
    if (row.source_object_id === null) throw new SafelightError('conflict', 'The file that was refused is not kept. Upload it again.');
    // The same file under the same rules fails again; an operator, who may have changed the rules, may insist.
    if (row.failure?.retryable === false && input.anyway !== true)
      throw new SafelightError('conflict', `Trying again does not help: ${row.failure.message} Upload another file.`);
    await tx
      .updateTable('asset')
      .set((eb) => ({ status: 'pending', failure: null, version: eb('version', '+', 1), updated_at: ctx.site.clock.now() }))
      .where('id', '=', id)
      .execute();
    const unfinished = await tx
      .updateTable('upload_session')
      .set({ state: 'finalizing', failure: null, updated_at: ctx.site.clock.now() })
      .where('asset_id', '=', id)
      .where('state', '=', 'failed')
      .returning('id')
      .executeTakeFirst();
    const about = { ownerId: row.owner_id, assetId: row.id, collection: row.collection, entity: entityOf(row) ?? undefined };
    const jobId = await enqueue(
      tx,
      unfinished === undefined
        ? { ...about, type: 'process', data: { assetId: row.id } }
        : { ...about, type: 'finalize', uploadId: unfinished.id, data: { assetId: row.id, uploadId: unfinished.id } },
    );
    if (unfinished !== undefined) await tx.updateTable('upload_session').set({ job_id: jobId }).where('id', '=', unfinished.id).execute();
    return { jobId, media: renderMedia({ ...row, status: 'pending', failure: null, version: row.version + 1 }, ctx.site.urls, 'own') };
  });
}
