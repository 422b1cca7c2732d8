import { requireOwn } from '../assets/access.ts';
import { hideMedia } from '../assets/hide-media.ts';
import { readRow, selectMedia, type MediaRow } from '../assets/media-row.ts';
import type { AssetContext } from '../assets/read-media.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { lockMedia } from './lock-media.ts';

/** The asset to be replaced, its owner, who keeps the place, and the events about others there. */
export type ClaimedPlace = { replaces: string; ownerId: string; events: NewEvent[] };

/**
 * Claims the place of `id` for a replacement that will wait for it; an older one that still waits is superseded. If `id` is itself a replacement, the
 * photo that it is for is meant; if another one has taken its place already, that one's place is claimed.
 */
export async function claimPlace(ctx: AssetContext, tx: Tx, id: string, except?: string): Promise<ClaimedPlace> {
  let target = requireOwn(ctx.actor, await lockMedia(tx, id), ctx.site.collections);
  if (target.replaces !== null && target.deleted_at === null) target = (await readRow(tx, target.replaces)) ?? target;
  while (target.deleted_at !== null && target.replaced_by !== null) {
    const next = await readRow(tx, target.replaced_by);
    if (next === undefined) break;
    target = next;
  }
  requireLive(target);
  return { replaces: target.id, ownerId: target.owner_id, events: await purgeWaiting(ctx, tx, target.id, except) };
}

/** Ends the replacements that wait for a photo, at once and without an undo window: a newer one was chosen. */
export async function purgeWaiting(ctx: AssetContext, tx: Tx, targetId: string, except?: string): Promise<NewEvent[]> {
  const waiting = await selectMedia(tx).where('asset.replaces', '=', targetId).where('asset.deleted_at', 'is', null).execute();
  return await hideMedia(
    ctx,
    tx,
    waiting.filter((row) => row.id !== except),
    ctx.site.clock.now(),
  );
}

/** Returns the row if its place is still its own. Throws `gone` and names its successor. */
export function requireLive(row: MediaRow): MediaRow {
  if (row.deleted_at !== null)
    throw new SafelightError(
      'gone',
      row.replaced_by === null ? 'This media was deleted. Restore it first.' : `This photo was replaced by ${row.replaced_by}. Replace that one.`,
    );
  return row;
}
