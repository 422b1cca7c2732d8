import type { Media } from '@safelight/contract/media';
import { sql } from 'kysely';

import { emit } from '../events/emit.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { requireOwn } from './access.ts';
import { lockMedia, readRow } from './lock-media.ts';
import { mediaEvent } from './media-event.ts';
import type { AssetContext } from './read-media.ts';
import { renderMedia } from './render-media.ts';

/** Brings a deleted asset back to its place, as long as its undo window is open; restoring what is there changes nothing. */
export async function restoreMedia(ctx: AssetContext, { id }: { id: string }): Promise<Media> {
  return await transact(ctx.db, async (tx) => {
    const row = requireOwn(ctx.actor, await lockMedia(tx, id), ctx.collections);
    if (row.deleted_at === null || row.undo_until === null) return renderMedia(row, ctx.urls, true);
    if (row.undo_until <= ctx.clock.now()) throw new SafelightError('gone', `The undo window ended at ${row.undo_until.toISOString()}.`);
    await tx
      .updateTable('asset')
      .set({ deleted_at: null, undo_until: null, version: sql`version + 1`, updated_at: ctx.clock.now() })
      .where('id', '=', id)
      .execute();
    const after = await readRow(tx, id);
    if (after === undefined) throw notFound('media');
    const media = renderMedia(after, ctx.urls, true);
    await emit(tx, [mediaEvent(after, 'media_restored', { media }), ...(after.published ? [mediaEvent(after, 'media_published', { media })] : [])]);
    return media;
  });
}
