import { enqueue } from '../jobs/enqueue.ts';
import type { JobId } from '../lib/ids.ts';
import type { Tx } from '../lib/context.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import type { MediaRow } from './media-row.ts';
import { entityOf } from '../lib/reach.ts';

/** Whether any output of the collection is cropped around the focal point. */
export const followsFocalPoint = ({ image }: CollectionConfig): boolean => image?.outputs.some(({ fit }) => fit === 'cover') ?? false;

/**
 * Has the outputs of a ready picture made anew; it stays ready meanwhile. Not one for all that ask: a renewal that runs already may have
 * read what has just been changed.
 */
export async function enqueueRenewal(tx: Tx, row: Pick<MediaRow, 'id' | 'owner_id' | 'collection' | 'entity_type' | 'entity_id'>): Promise<JobId> {
  return await enqueue(tx, {
    type: 'renew',
    ownerId: row.owner_id,
    assetId: row.id,
    collection: row.collection,
    entity: entityOf(row) ?? undefined,
    data: { assetId: row.id, renewal: 'outdated' },
  });
}
