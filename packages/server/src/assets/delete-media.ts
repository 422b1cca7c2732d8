import type { Media } from '@safelight/contract/media';
import { sql } from 'kysely';

import { emit } from '../events/emit.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { requireOwn, requireVersion } from './access.ts';
import { lockMedia } from './lock-media.ts';
import { mediaEvent } from './media-event.ts';
import type { AssetContext } from './read-media.ts';
import { renderMedia } from './render-media.ts';

export type DeleteMedia = { id: string; ifMatch?: string | undefined; purge?: 'now' | undefined };

/**
 * Hides the asset at once, everywhere, and has it purged when its undo window ends. Deleting what is deleted answers the same
 * window again. `purge: 'now'` ends the window at once; it is for removals that the law asks for, and needs `media:admin`.
 */
export async function deleteMedia(ctx: AssetContext, input: DeleteMedia): Promise<{ media: Media; undoUntil: string }> {
  if (input.purge === 'now' && !ctx.actor.scopes.has('media:admin')) throw new SafelightError('forbidden', 'Purging without an undo window needs the scope media:admin.');
  return await transact(ctx.db, async (tx) => {
    const row = requireOwn(ctx.actor, await lockMedia(tx, input.id), ctx.collections);
    requireVersion(row, input.ifMatch);
    const now = ctx.clock.now();
    if (row.deleted_at !== null && row.undo_until !== null && input.purge === undefined) {
      return { media: renderMedia(row, ctx.urls, false), undoUntil: row.undo_until.toISOString() };
    }
    const { undoWindowSeconds } = await readPolicy(tx, row.collection);
    const undoUntil = input.purge === 'now' ? now : secondsFrom(now, undoWindowSeconds);
    await tx
      .updateTable('asset')
      .set({ deleted_at: row.deleted_at ?? now, undo_until: undoUntil, version: sql`version + 1`, updated_at: now })
      .where('id', '=', row.id)
      .execute();
    const hidden = { ...row, deleted_at: row.deleted_at ?? now, undo_until: undoUntil, published: false, version: row.version + 1, updated_at: now };
    const media = renderMedia(hidden, ctx.urls, false);
    await enqueue(tx, { type: 'purge', ownerId: row.owner_id, assetId: row.id, collection: row.collection, data: { assetId: row.id }, ...(undoUntil > now ? { startAfter: undoUntil } : {}) });
    await emit(tx, [...(row.published ? [mediaEvent(row, 'media_unpublished', { media })] : []), mediaEvent(row, 'media_deleted', { media, undoUntil: undoUntil.toISOString() })]);
    return { media, undoUntil: undoUntil.toISOString() };
  });
}

/** Finds the asset that an upload's object path names. */
export async function assetIdAtPath(ctx: AssetContext, path: string): Promise<string | null> {
  const row = await ctx.db.selectFrom('object').select('asset_id').where('key', '=', path).where('asset_id', 'is not', null).executeTakeFirst();
  return row?.asset_id ?? null;
}
