import type { Tx } from '../lib/context.ts';
import { claimPlace, type ClaimedPlace } from '../places/claim-place.ts';
import { lockPlace } from '../places/lock-place.ts';
import { readSession, type UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/**
 * Claims the place that an upload was opened to take, in the transaction that creates the asset. Null when the upload has a place of its own, or when
 * a concurrent call has registered it already and claimed the place with it.
 */
export async function claimPlaceOf(ctx: UploadContext, tx: Tx, session: UploadSession): Promise<ClaimedPlace | null> {
  if (session.replaces === null) return null;
  await lockPlace(tx, session);
  if ((await readSession(tx, session.id))?.state !== 'open') return null;
  return await claimPlace(ctx, tx, session.replaces, session.asset_id);
}
