import { enqueueAll } from '../jobs/enqueue.ts';
import type { Tx } from '../lib/context.ts';
import type { MediaRow } from './media-row.ts';
import { entityOf } from '../lib/reach.ts';

type Reviewed = Pick<MediaRow, 'id' | 'owner_id' | 'collection' | 'entity_type' | 'entity_id'>;
type Options = { startAfter?: Date; data?: { unanswered: true } };

/** Queues a review of each asset, unless one is queued already. Returns the jobs in the given order. */
export async function enqueueReviews(tx: Tx, rows: readonly Reviewed[], { startAfter, data }: Options = {}): Promise<string[]> {
  if (rows.length === 0) return [];
  return await enqueueAll(
    tx,
    rows.map((row) => ({
      type: 'review',
      ownerId: row.owner_id,
      assetId: row.id,
      collection: row.collection,
      entity: entityOf(row) ?? undefined,
      singletonKey: row.id,
      data: { assetId: row.id, ...data },
      ...(startAfter === undefined ? {} : { startAfter }),
    })),
  );
}
