import { enqueue } from '../jobs/enqueue.ts';
import type { JobId } from '../lib/ids.ts';
import type { Tx } from '../lib/context.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import type { MediaRow } from './media-row.ts';
import { entityOf } from '../lib/reach.ts';

/** Whether any output of the collection is cropped around the focal point. */
export const followsFocalPoint = ({ image }: CollectionConfig): boolean => image?.outputs.some(({ fit }) => fit === 'cover') ?? false;

/**
 * Queues remaking the outputs of a ready picture, which stays ready meanwhile. Not deduplicated: a running renewal may have read the data before this
 * change.
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
