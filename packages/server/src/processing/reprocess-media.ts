import type { Media } from '@safelight/contract/media';

import type { AssetSite } from '../assets/read-media.ts';
import { requireOwn } from '../assets/access.ts';
import { kindRules } from '../assets/kind-rules.ts';
import { renderMedia } from '../assets/render-media.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Context, DataSite } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { entityOf } from '../lib/reach.ts';
import { transact } from '../lib/transact.ts';
import { lockMedia } from '../places/lock-media.ts';
import { collectionNamed } from '../policy/collection.ts';
import { kinds } from './kinds.ts';

/** Remakes the outputs of one ready asset by the current rules; the old ones stay until then. A repeated call returns the same job. */
export async function reprocessMedia(
  ctx: Context<DataSite & Pick<AssetSite, 'collections' | 'urls'>>,
  { id }: { id: string },
): Promise<{ jobId: string; media: Media }> {
  return await transact(ctx.site.db, async (tx) => {
    const row = requireOwn(ctx.actor, await lockMedia(tx, id), ctx.site.collections);
    if (row.deleted_at !== null) throw new SafelightError('gone', 'This media was deleted. Restore it first.');
    if (row.status === 'failed') throw new SafelightError('conflict', 'This media has failed. Use POST /media/{id}/retry to try it again.');
    if (row.status !== 'ready')
      throw new SafelightError('conflict', `This media is ${row.status}, so the current rules apply to it already. Wait until it is ready.`);
    const collection = collectionNamed(ctx.site.collections, row.collection);
    const { fingerprint, isMade } = kinds[row.kind];
    if (fingerprint(collection) === null || !isMade(collection, row.mime_type))
      throw new SafelightError('conflict', `In ${row.collection} nothing is made of ${kindRules[row.kind].one} of the type ${row.mime_type}.`);
    if (row.source_object_id === null)
      throw new SafelightError('conflict', 'The original file of this media was not kept, so nothing can be made from it. Upload it again.');
    const jobId = await enqueue(tx, {
      type: 'renew',
      lane: 'long',
      ownerId: row.owner_id,
      assetId: row.id,
      collection: row.collection,
      entity: entityOf(row) ?? undefined,
      data: { assetId: row.id, renewal: 'all' },
      singletonKey: `${row.id}:all`,
    });
    return { jobId, media: renderMedia(row, ctx.site.urls, 'own') };
  });
}
