import type { NewEvent } from '../events/stored-event.ts';
import type { Tx } from '../lib/context.ts';
import { lockPlace } from '../policy/lock-place.ts';
import { readSession, type UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/** Whose place is to be taken, whose it stays, and what is to be told of others there. */
export type ClaimedPlace = { replaces: string; ownerId: string; events: NewEvent[] };

/**
 * Claims the place that an upload was opened to take, in the transaction that makes it an asset. Null when it was opened for a place of
 * its own, or when somebody was faster: then its place has been claimed with it.
 */
export async function claimPlaceOf(ctx: UploadContext, tx: Tx, session: UploadSession): Promise<ClaimedPlace | null> {
  if (session.replaces === null) return null;
  await lockPlace(tx, session);
  if ((await readSession(tx, session.id))?.state !== 'open') return null;
  return await ctx.claimPlace(ctx, tx, session.replaces, session.asset_id);
}
