import { sql } from '#kysely';

import type { AssetSite } from '../assets/read-media.ts';
import { enqueuePurge, enqueueCdnPurge } from '../assets/enqueue-purge.ts';
import { asHidden } from '../assets/hide-media.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { readRow, seemsShown, type MediaRow } from '../assets/media-row.ts';
import { renderMedia } from '../assets/render-media.ts';
import type { NewEvent } from '../events/stored-event.ts';
import { secondsFrom } from '../lib/clock.ts';
import type { Tx } from '../lib/context.ts';
import { collectionNamed } from '../policy/collection.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { claimPurposeWhenReady } from './claim-purpose.ts';

// The states of an asset at its place, and their changes, are described in place-changes.ts.

export type PlaceContext = { site: Pick<AssetSite, 'clock' | 'collections' | 'urls' | 'purgesCdn'> };

/**
 * Called in each transaction that may have made an asset showable, under the lock on its place: if the asset waits to replace another and may be
 * shown now, it takes that place in the same transaction. Returns the events about others there.
 */
export async function cutOver(ctx: PlaceContext, tx: Tx, assetId: string): Promise<NewEvent[]> {
  const row = await readRow(tx, assetId);
  if (row === undefined || row.deleted_at !== null) return [];
  if (row.replaces !== null) return (await isPresentable(tx, assetId)) ? await moveInto(ctx, tx, row, row.replaces) : [];
  if (row.published) await claimPurposeWhenReady(tx, row, collectionNamed(ctx.site.collections, row.collection));
  return [];
}

async function isPresentable(tx: Tx, assetId: string): Promise<boolean> {
  return (await tx.selectFrom('presentable_asset').select('id').where('id', '=', assetId).executeTakeFirst()) !== undefined;
}

async function moveInto(ctx: PlaceContext, tx: Tx, row: MediaRow, replacedId: string): Promise<NewEvent[]> {
  const replaced = await readRow(tx, replacedId);
  // The replaced asset was deleted, and its replacement is about to be: nothing is shown at the place.
  if (replaced === undefined || replaced.deleted_at !== null) return [];
  const now = ctx.site.clock.now();
  const undoUntil = secondsFrom(now, (await readPolicy(tx, row.collection)).undoWindowSeconds);
  await tx
    .updateTable('asset')
    .set({
      deleted_at: now,
      undo_until: undoUntil,
      replaced_by: row.id,
      restore_rank: 0,
      review_claimed_by: null,
      review_claimed_until: null,
      version: sql`version + 1`,
      updated_at: now,
    })
    .where('id', '=', replaced.id)
    .execute();
  await tx
    .updateTable('asset')
    .set({
      replaces: null,
      sort_order: replaced.sort_order,
      purpose: replaced.purpose,
      alt_text: row.alt_text ?? replaced.alt_text,
      version: sql`version + 1`,
      updated_at: now,
    })
    .where('id', '=', row.id)
    .execute();
  await tx.updateTable('asset').set({ replaces: row.id }).where('replaces', '=', replaced.id).where('deleted_at', 'is', null).execute();
  await enqueuePurge(tx, replaced, undoUntil);
  if (seemsShown(replaced)) await enqueueCdnPurge(ctx, tx, [replaced]);
  const after = await readRow(tx, row.id);
  if (after === undefined) throw new Error('an asset that this transaction holds is gone');
  const hidden = renderMedia(asHidden(replaced, now, undoUntil), ctx.site.urls, 'own');
  return [
    mediaEvent(after, 'media_replaced', { media: renderMedia(after, ctx.site.urls, 'own'), replaced: replaced.id, undoUntil: undoUntil.toISOString() }),
    ...(seemsShown(replaced) ? [mediaEvent(replaced, 'media_unpublished', { media: hidden })] : []),
  ];
}
