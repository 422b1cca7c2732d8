import type { Media } from '@safelight/contract/media';

import { requireOwn } from '../assets/access.ts';
import { lockMedia } from '../assets/lock-media.ts';
import type { AssetContext } from '../assets/read-media.ts';
import { renderMedia } from '../assets/render-media.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';

/** Tries a failed processing again, as long as there is a source to make it from. */
export async function retryProcessing(
  ctx: Context & Pick<AssetContext, 'collections' | 'urls'>,
  { id }: { id: string },
): Promise<{ jobId: string; media: Media }> {
  return await transact(ctx.db, async (tx) => {
    const row = requireOwn(ctx.actor, await lockMedia(tx, id), ctx.collections);
    if (row.deleted_at !== null) throw new SafelightError('gone', 'It was deleted. Restore it first.');
    if (row.status !== 'failed') throw new SafelightError('conflict', `Only what has failed can be retried; this is ${row.status}.`);
    if (row.source_object_id === null) throw new SafelightError('conflict', 'The file that was refused is not kept. Upload it again.');
    await tx
      .updateTable('asset')
      .set((eb) => ({ status: 'pending', failure: null, version: eb('version', '+', 1), updated_at: ctx.clock.now() }))
      .where('id', '=', id)
      .execute();
    const jobId = await enqueue(tx, {
      type: 'process',
      ownerId: row.owner_id,
      assetId: row.id,
      collection: row.collection,
      entity: row.entity_type === null || row.entity_id === null ? undefined : { type: row.entity_type, id: row.entity_id },
      data: { assetId: row.id },
    });
    return { jobId, media: renderMedia({ ...row, status: 'pending', failure: null, version: row.version + 1 }, ctx.urls, true) };
  });
}
