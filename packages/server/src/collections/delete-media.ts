import type { AuditDetail } from '@safelight/contract/audit';
import type { Media } from '@safelight/contract/media';
import { randomUUIDv7 } from 'node:crypto';

import { emit } from '../events/emit.ts';
import { secondsFrom } from '../lib/clock.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { requireOwn, requireVersion } from '../assets/access.ts';
import { asHidden, hideMedia } from '../assets/hide-media.ts';
import { lockMedia } from '../places/lock-media.ts';
import type { MediaRow } from '../assets/media-row.ts';
import type { AssetContext } from '../assets/read-media.ts';
import { renderMedia } from '../assets/render-media.ts';
import { entityOf } from '../lib/reach.ts';

export type DeleteMedia = { id: string; ifMatch?: string | undefined; purge?: 'now' | undefined; force?: boolean };

/**
 * Hides the asset at once, everywhere, and purges it when its undo window ends. Deleting a deleted asset returns the same window. `purge: 'now'` ends
 * the window at once; it is for legally required removals, needs `media:admin`, and writes an audit record. `force` allows a manager the same even
 * for media that buyers have a right to.
 */
export async function deleteMedia(ctx: AssetContext, input: DeleteMedia): Promise<{ media: Media; undoUntil: string }> {
  if (input.purge === 'now' && !ctx.actor.scopes.has('media:admin'))
    throw new SafelightError('forbidden', 'Purging without an undo window needs the scope media:admin.');
  if (input.force === true && !ctx.actor.scopes.has('media:manage'))
    throw new SafelightError('forbidden', 'Purging what buyers have a right to needs the scope media:manage.');
  const isNow = input.purge === 'now' || input.force === true;
  return await transact(ctx.site.db, async (tx) => {
    const row = requireOwn(ctx.actor, await lockMedia(tx, input.id), ctx.site.collections);
    requireVersion(row, input.ifMatch);
    const now = ctx.site.clock.now();
    if (row.deleted_at !== null && row.undo_until !== null && !isNow) {
      return { media: renderMedia(row, ctx.site.urls, 'own'), undoUntil: row.undo_until.toISOString() };
    }
    const { undoWindowSeconds } = await readPolicy(tx, row.collection);
    const undoUntil = isNow ? now : secondsFrom(now, undoWindowSeconds);
    if (isNow) {
      // No other record remains of the asset, or of who had it removed.
      await tx
        .insertInto('audit')
        .values({
          id: randomUUIDv7(),
          at: now,
          actor_id: ctx.actor.id,
          action: 'purge_now',
          asset_id: row.id,
          collection: row.collection,
          detail: JSON.stringify(await auditDetail(tx, row)),
        })
        .execute();
    }
    const events = await hideMedia(ctx, tx, [row], undoUntil);
    await emit(tx, events);
    return { media: renderMedia(asHidden(row, now, undoUntil), ctx.site.urls, 'own'), undoUntil: undoUntil.toISOString() };
  });
}

async function auditDetail(tx: Tx, row: MediaRow): Promise<AuditDetail> {
  const objects = await tx.selectFrom('object').select('key').where('asset_id', '=', row.id).orderBy('width').orderBy('role').execute();
  return {
    ownerId: row.owner_id,
    entity: entityOf(row),
    fileName: row.original_file_name,
    mimeType: row.mime_type,
    byteSize: row.byte_size,
    keys: objects.map(({ key }) => key),
  };
}
