import { sql } from '#kysely';

import type { AssetSite } from './read-media.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Tx } from '../lib/context.ts';
import { enqueuePurges, enqueueCdnPurge } from './enqueue-purge.ts';
import { mediaEvent } from './media-event.ts';
import { seemsShown, selectMedia, type MediaRow } from './media-row.ts';
import { renderMedia } from './render-media.ts';

/**
 * Hides assets of one place at once, under the lock on it, and queues their purge for the end of the undo window. Replacements that wait for one of
 * them are hidden too: they have no place of their own. Returns the events to emit last before the commit.
 */
export async function hideMedia(
  ctx: { site: Pick<AssetSite, 'clock' | 'urls' | 'purgesCdn'> },
  tx: Tx,
  rows: readonly MediaRow[],
  undoUntil: Date,
): Promise<NewEvent[]> {
  if (rows.length === 0) return [];
  const now = ctx.site.clock.now();
  const ids = rows.map(({ id }) => id);
  const waiting = await selectMedia(tx).where('asset.replaces', 'in', ids).where('asset.deleted_at', 'is', null).where('asset.id', 'not in', ids).execute();
  const hidden = [...rows, ...waiting];
  await tx
    .updateTable('asset')
    .set({
      deleted_at: sql`coalesce(deleted_at, ${now})`,
      undo_until: undoUntil,
      restore_rank: 0,
      review_claimed_by: null,
      review_claimed_until: null,
      version: sql`version + 1`,
      updated_at: now,
    })
    .where(
      'id',
      'in',
      hidden.map(({ id }) => id),
    )
    .execute();
  await enqueuePurges(tx, hidden, undoUntil);
  await enqueueCdnPurge(ctx, tx, hidden.filter(seemsShown));
  return hidden.flatMap((row) => {
    const media = renderMedia(asHidden(row, now, undoUntil), ctx.site.urls, 'own');
    return [
      ...(seemsShown(row) ? [mediaEvent(row, 'media_unpublished', { media })] : []),
      mediaEvent(row, 'media_deleted', { media, undoUntil: undoUntil.toISOString() }),
    ];
  });
}

export const asHidden = (row: MediaRow, now: Date, undoUntil: Date): MediaRow => ({
  ...row,
  deleted_at: row.deleted_at ?? now,
  undo_until: undoUntil,
  published: false,
  version: row.version + 1,
  updated_at: now,
});
