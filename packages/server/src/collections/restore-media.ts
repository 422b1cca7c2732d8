import type { Media } from '@safelight/contract/media';
import { kindRules } from '../assets/kind-rules.ts';
import { sql } from '#kysely';

import { requireOwn } from '../assets/access.ts';
import { enqueueReviews } from '../assets/enqueue-reviews.ts';
import { lockMedia } from '../places/lock-media.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { readRow, selectMedia, type MediaRow } from '../assets/media-row.ts';
import type { AssetContext, AssetSite } from '../assets/read-media.ts';
import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Tx, Context } from '../lib/context.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import type { Ceilings } from '../policy/ceilings.ts';
import { collectionNamed } from '../policy/collection.ts';
import { requireOwnEntity, requireRoom } from '../policy/read-allowance.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { reserveQuota } from '../policy/require-quota.ts';
import { shiftPositions } from '../places/shift-positions.ts';
import { purgeWaiting } from '../places/claim-place.ts';
import { cutOver } from '../places/cut-over.ts';

/**
 * Restores a deleted asset to its place while its undo window is open; restoring a live one changes nothing. A replaced asset swaps places with its
 * replacement; if it may no longer be shown, it waits like any replacement. If the room has been filled meanwhile, throws `collection_full` or
 * `quota_exceeded`.
 */
export async function restoreMedia(ctx: Context<AssetSite & { ceilings: Ceilings }>, { id }: { id: string }): Promise<Media> {
  return await transact(ctx.site.db, async (tx) => {
    const row = requireOwn(ctx.actor, await lockMedia(tx, id), ctx.site.collections);
    if (row.deleted_at === null || row.undo_until === null) return renderMedia(row, ctx.site.urls, 'own');
    if (row.undo_until <= ctx.site.clock.now())
      throw new SafelightError('gone', `The undo window ended at ${row.undo_until.toISOString()}, so this media can no longer be restored. Upload it again.`);
    const events = row.replaces === null ? await bringBack(ctx, tx, row) : await bringBackWaiting(ctx, tx, row, row.replaces);
    // Last, because swapping places needs no room: the replacing asset has gone by now.
    await reserveQuota(tx, { ...ctx.actor, id: row.owner_id }, ctx.site.ceilings, { bytes: 0, isWritten: true });
    const after = await readRow(tx, id);
    if (after === undefined) throw notFound('media');
    const media = renderMedia(after, ctx.site.urls, 'own');
    await emit(tx, [mediaEvent(after, 'media_restored', { media }), ...events, ...(after.published ? [mediaEvent(after, 'media_published', { media })] : [])]);
    return media;
  });
}

async function bringBack(ctx: AssetContext, tx: Tx, row: MediaRow): Promise<NewEvent[]> {
  const last = row.replaced_by === null ? null : await lastAtPlace(tx, row.replaced_by);
  if (last !== null && last.deleted_at === null) {
    // The place is taken: an undo is a replacement in the other direction.
    const discarded = await purgeWaiting(ctx, tx, last.id);
    await undelete(ctx, tx, row.id, { replaces: last.id, replaced_by: null });
    return [...discarded, ...(await settle(ctx, tx, row))];
  }
  if (row.entity_type !== null && row.entity_id !== null) await requireOwnEntity(tx, ctx.actor, { type: row.entity_type, id: row.entity_id });
  if (row.entity_type !== null) requireRoom({ items: await countAtPlace(tx, row), rules: await readPolicy(tx, row.collection) });
  const sortOrder = last?.sort_order ?? row.sort_order;
  await shiftPositions(tx, row, sortOrder);
  await undelete(ctx, tx, row.id, { replaced_by: null, sort_order: sortOrder, purpose: await freePurpose(ctx, tx, row, last?.purpose ?? row.purpose) });
  // Another asset that was deleted at this place would return to where this one is now.
  if (last !== null) await tx.updateTable('asset').set({ replaced_by: row.id }).where('id', '=', last.id).execute();
  const events = await settle(ctx, tx, row);
  // Only those that were discarded because their place was; those superseded earlier were ended at once.
  const together = selectMedia(tx)
    .where('asset.replaces', '=', row.id)
    .where('asset.deleted_at', '=', row.deleted_at)
    .where('asset.undo_until', '=', row.undo_until);
  for (const waiting of await together.orderBy('asset.id', 'desc').limit(1).execute()) {
    await undelete(ctx, tx, waiting.id, {});
    events.push(
      mediaEvent(waiting, 'media_restored', { media: renderMedia({ ...waiting, deleted_at: null, undo_until: null }, ctx.site.urls, 'own') }),
      ...(await settle(ctx, tx, waiting)),
    );
  }
  return events;
}

/** A discarded replacement waits again, if nothing has happened at the place meanwhile. */
async function bringBackWaiting(ctx: AssetContext, tx: Tx, row: MediaRow, replaces: string): Promise<NewEvent[]> {
  const target = await readRow(tx, replaces);
  if (target === undefined || target.deleted_at !== null) {
    throw new SafelightError('conflict', 'The photo that it was to replace is not there any more. Restore that one first, or upload this one again.');
  }
  const other = await tx.selectFrom('asset').select('id').where('replaces', '=', replaces).where('deleted_at', 'is', null).executeTakeFirst();
  if (other !== undefined) throw new SafelightError('conflict', 'A newer replacement of the same photo is on its way. Discard that one first.');
  await undelete(ctx, tx, row.id, {});
  return await settle(ctx, tx, row);
}

/** Follows the replacements to the last one; each was deleted after the one before, so the chain ends. */
async function lastAtPlace(tx: Tx, from: string): Promise<MediaRow | null> {
  let last = await readRow(tx, from);
  while (last !== undefined && last.deleted_at !== null && last.replaced_by !== null) last = await readRow(tx, last.replaced_by);
  return last ?? null;
}

type Change = { replaces?: string; replaced_by?: null; sort_order?: number; purpose?: string };

async function undelete(ctx: AssetContext, tx: Tx, id: string, change: Change): Promise<void> {
  await tx
    .updateTable('asset')
    .set({ ...change, deleted_at: null, undo_until: null, restore_rank: 0, version: sql`version + 1`, updated_at: ctx.site.clock.now() })
    .where('id', '=', id)
    .execute();
}

async function countAtPlace(tx: Tx, { collection, entity_type, entity_id }: MediaRow): Promise<number> {
  const { items } = await tx
    .selectFrom('asset')
    .select(({ fn }) => fn.countAll<string>().as('items'))
    .where('collection', '=', collection)
    .where('entity_type', '=', entity_type)
    .where('entity_id', '=', entity_id)
    .where('deleted_at', 'is', null)
    .where('replaces', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(items);
}

/** A purpose that only one asset may have stays with the asset that has it now. */
async function freePurpose(ctx: AssetContext, tx: Tx, row: MediaRow, purpose: string): Promise<string> {
  const { purposes, singlePurposes } = collectionNamed(ctx.site.collections, row.collection);
  if (!singlePurposes.includes(purpose) || row.entity_type === null) return purpose;
  const holder = await tx
    .selectFrom('asset')
    .select('id')
    .where('collection', '=', row.collection)
    .where('entity_type', '=', row.entity_type)
    .where('entity_id', '=', row.entity_id)
    .where('purpose', '=', purpose)
    .where('deleted_at', 'is', null)
    .where('replaces', 'is', null)
    .where('id', '<>', row.id)
    .executeTakeFirst();
  return holder === undefined ? purpose : (purposes[0] ?? purpose);
}

/** While the asset was deleted, the gate may have closed, or its turn to replace another may have come. */
async function settle(ctx: AssetContext, tx: Tx, row: MediaRow): Promise<NewEvent[]> {
  const { photoReviewEnabled } = await readPolicy(tx, row.collection);
  const waits = photoReviewEnabled && kindRules[row.kind].reviewed && row.status === 'ready' && (row.review === 'not_required' || row.review === 'queued');
  if (waits) {
    await tx.updateTable('asset').set({ review: 'queued' }).where('id', '=', row.id).execute();
    await enqueueReviews(tx, [row]);
  }
  return [...(waits ? [mediaEvent(row, 'review_queued', {})] : []), ...(await cutOver(ctx, tx, row.id))];
}
