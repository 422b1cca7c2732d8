import type { AssetSite } from './read-media.ts';
import { enqueue, enqueueAll } from '../jobs/enqueue.ts';
import type { Tx } from '../lib/context.ts';
import type { MediaRow } from './media-row.ts';

type Purged = Pick<MediaRow, 'id' | 'owner_id' | 'collection'>;

/** Queues the purge of a deleted asset for the end of its undo window. */
export async function enqueuePurge(tx: Tx, row: Purged, undoUntil: Date): Promise<void> {
  await enqueue(tx, purgeJob(row, undoUntil));
}

export async function enqueuePurges(tx: Tx, rows: readonly Purged[], undoUntil: Date): Promise<void> {
  if (rows.length > 0)
    await enqueueAll(
      tx,
      rows.map((row) => purgeJob(row, undoUntil)),
    );
}

const purgeJob = (row: Purged, undoUntil: Date) => ({
  type: 'purge' as const,
  ownerId: row.owner_id,
  assetId: row.id,
  collection: row.collection,
  data: { assetId: row.id },
  // One for each window: an asset that is restored and deleted again has a new one.
  singletonKey: `${row.id}:${undoUntil.getTime()}`,
  startAfter: undoUntil,
});

/** Queues a purge of the CDN's copies, if there is a CDN. The origin has hidden them already. */
export async function enqueueCdnPurge(
  ctx: { site: Pick<AssetSite, 'purgesCdn' | 'urls'> },
  tx: Tx,
  rows: readonly Pick<MediaRow, 'owner_id' | 'artifacts'>[],
): Promise<void> {
  if (!ctx.site.purgesCdn) return;
  const urls = rows.flatMap(({ artifacts }) => artifacts.flatMap(([, token]) => (token === null ? [] : [ctx.site.urls.artifact(token)])));
  const [first] = rows;
  if (first !== undefined && urls.length > 0) await enqueue(tx, { type: 'purge.cdn', ownerId: first.owner_id, data: { urls } });
}
